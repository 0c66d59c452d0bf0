import { isRecord } from '../../src/core/is-record.ts';

/** A report in which one key, wherever it has this path, is absent or has another name. */
export interface KeyMutation {
  /** Keys from the root, `*` for an item of a list, for example `results`, `*` and `rule_id` with slashes between. */
  readonly key: string;
  readonly how: 'deleted' | 'renamed';
  readonly text: string;
}

/** Every key of a report that lost its name, one at a time: of JSON, JSON lines, XML and `key : value` lines. */
export function keyMutations(text: string): readonly KeyMutation[] {
  const documents = jsonOf(text);
  if (documents !== undefined) return ofJson(documents);
  return /^\s*</.test(text) ? ofXml(text) : ofLines(text);
}

/** The values of JSON, or of a value a line; undefined of anything else. */
function jsonOf(text: string): readonly unknown[] | undefined {
  // Scout Suite assigns its JSON to a variable.
  const plain = text.replace(/^\s*[a-z_]+\s*=\s*(?=\{)/, '').replace(/^\uFEFF/, '');
  for (const parts of [[plain], plain.split('\n').filter((line) => line.trim() !== '')]) {
    try {
      return parts.map((part): unknown => JSON.parse(part));
    } catch {
      // Another form, then.
    }
  }
  return undefined;
}

function ofJson(documents: readonly unknown[]): readonly KeyMutation[] {
  const keys = new Set<string>();
  for (const document of documents) collect(document, [], keys);
  return [...keys].flatMap((key) => {
    const path = key.split('/');
    const edited = (edit: (name: string) => string | undefined): string =>
      documents.map((document) => JSON.stringify(withKey(document, path, edit))).join('\n');
    return [
      { key, how: 'deleted' as const, text: edited(() => undefined) },
      { key, how: 'renamed' as const, text: edited((name) => `${name}Renamed`) },
    ];
  });
}

function collect(value: unknown, path: readonly string[], keys: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, [...path, '*'], keys);
  if (!isRecord(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (name.includes('/')) continue;
    keys.add([...path, name].join('/'));
    collect(member, [...path, name], keys);
  }
}

function withKey(
  value: unknown,
  [head, ...rest]: readonly string[],
  name: (key: string) => string | undefined,
): unknown {
  const step = (member: unknown): unknown => withKey(member, rest, name);
  if (head === '*') return Array.isArray(value) ? value.map(step) : value;
  if (!isRecord(value) || head === undefined || !Object.hasOwn(value, head)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (key !== head) return [[key, member]];
      if (rest.length > 0) return [[key, step(member)]];
      const next = name(key);
      return next === undefined ? [] : [[next, member]];
    }),
  );
}

function ofXml(text: string): readonly KeyMutation[] {
  const tags = [...new Set([...text.matchAll(/<([A-Za-z][\w.:-]*)/g)].map(([, name = '']) => name))];
  const attributes = [...new Set([...text.matchAll(/\s([A-Za-z][\w.:-]*)="/g)].map(([, name = '']) => name))];
  return [
    ...tags.map((name) => ({
      key: `<${name}>`,
      how: 'renamed' as const,
      text: text.replace(new RegExp(`(</?)${name}(?=[\\s/>])`, 'g'), `$1${name}Renamed`),
    })),
    ...attributes.flatMap((name) => [
      {
        key: `@${name}`,
        how: 'renamed' as const,
        text: text.replace(new RegExp(`(\\s)${name}="`, 'g'), `$1${name}Renamed="`),
      },
      {
        key: `@${name}`,
        how: 'deleted' as const,
        text: text.replace(new RegExp(`\\s${name}="[^"]*"`, 'g'), ''),
      },
    ]),
  ];
}

function ofLines(text: string): readonly KeyMutation[] {
  const names = [...new Set([...text.matchAll(/^([A-Za-z_]{2,40})\s*:/gm)].map(([, name = '']) => name))];
  return names.flatMap((name) => [
    { key: name, how: 'deleted' as const, text: text.replace(new RegExp(`^${name}\\s*:.*\\n?`, 'gm'), '') },
    {
      key: name,
      how: 'renamed' as const,
      text: text.replace(new RegExp(`^${name}(?=\\s*:)`, 'gm'), `${name}Renamed`),
    },
  ]);
}
