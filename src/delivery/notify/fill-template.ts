type Scope = Readonly<Record<string, unknown>>;

/** Makes a field's text harmless where it is put; `ready` fields are so already. */
export interface Escape {
  readonly text: (text: string) => string;
  /** First names of fields that stay as they are. */
  readonly ready: ReadonlySet<string>;
  /** Whether lists and objects are put in as the JSON that they are. */
  readonly json?: boolean;
}

const FIELD = /\{\{\s*([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*)\s*(?:\|\s*(slack|upper))?\s*\}\}/g;
const MAX_DEPTH = 32;
const MAX_TEXT = 100_000;
const AS_IT_IS: Escape = { text: (text) => text, ready: new Set() };

/**
 * Fills a template: data with `{{field}}` in its texts. A text that is nothing but one field becomes the field's own
 * value. `{"$each": "findings.top", "item": …}` in a list repeats (`{{it.rule}}`), `{"$if": "links", "item": …, "else": …}`
 * chooses. There is nothing else to it: no code, no file, no environment. A field that is not there is empty.
 */
export function fillTemplate(template: unknown, fields: object, harmless: Escape = AS_IT_IS): unknown {
  return fill(template, fields as Scope, harmless, 0);
}

function fill(value: unknown, scope: Scope, harmless: Escape, depth: number): unknown {
  if (depth > MAX_DEPTH) return null;
  if (typeof value === 'string') return fillText(value, scope, harmless);
  if (Array.isArray(value)) return value.flatMap((item) => repeated(item, scope, harmless, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const chosen = choice(value, scope);
  if (chosen !== undefined) return fill(chosen.value, scope, harmless, depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, fill(item, scope, harmless, depth + 1)]),
  );
}

function repeated(item: unknown, scope: Scope, harmless: Escape, depth: number): unknown[] {
  if (typeof item === 'object' && item !== null && '$each' in item && 'item' in item) {
    const list = lookUp(scope, String(item.$each));
    if (!Array.isArray(list)) return [];
    return list.flatMap((it) => repeated(item.item, { ...scope, it }, harmless, depth + 1));
  }
  const chosen = typeof item === 'object' && item !== null ? choice(item, scope) : undefined;
  // A condition that does not hold and has no `else` leaves nothing in a list.
  if (chosen !== undefined)
    return chosen.value === null ? [] : repeated(chosen.value, scope, harmless, depth + 1);
  return [fill(item, scope, harmless, depth)];
}

function choice(value: object, scope: Scope): { readonly value: unknown } | undefined {
  if (!('$if' in value)) return undefined;
  const { item = null, else: otherwise = null } = value as {
    readonly item?: unknown;
    readonly else?: unknown;
  };
  return { value: holds(lookUp(scope, String(value.$if))) ? item : otherwise };
}

function holds(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function fillText(text: string, scope: Scope, harmless: Escape): unknown {
  const [only] = text.matchAll(FIELD);
  if (only?.[0] === text && only[2] === undefined) {
    const path = only[1] ?? '';
    const value = lookUp(scope, path) ?? '';
    return isReady(path, harmless) ? value : escapedDeep(value, harmless);
  }
  return text
    .replace(FIELD, (_, path: string, how: string | undefined) => {
      const value = lookUp(scope, path);
      const plain = asText(value);
      if (harmless.json && typeof value === 'object' && value !== null) return plain;
      const shown = how === 'upper' ? plain.toUpperCase() : plain;
      // What the receiver needs comes first: `slack` on top of it would be seen twice.
      if (harmless !== AS_IT_IS) return isReady(path, harmless) ? shown : harmless.text(shown);
      return how === 'slack' ? slackText(shown) : shown;
    })
    .slice(0, MAX_TEXT);
}

/**
 * What Slack takes for markup is written out: a finding's message mentions nobody and links nowhere. `@channel` and its
 * like are broken up for templates that ask Slack to look for names.
 */
export function slackText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=channel|here|everyone)/gi, '@\u2060');
}

function isReady(path: string, { ready }: Escape): boolean {
  return ready.has(path.split('.')[0] ?? '');
}

function escapedDeep(value: unknown, harmless: Escape): unknown {
  if (harmless === AS_IT_IS) return value;
  if (typeof value === 'string') return harmless.text(value);
  if (Array.isArray(value)) return value.map((item) => escapedDeep(item, harmless));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, escapedDeep(item, harmless)]));
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function lookUp(scope: Scope, path: string): unknown {
  let value: unknown = scope;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Scope)[name];
  }
  return value;
}
