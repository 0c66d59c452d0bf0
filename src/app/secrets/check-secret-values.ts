import type { LoadedManifest } from '../../compiler/read/load.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic, type Place } from '../../core/diagnostic.ts';
import { createRedactor } from '../../core/redaction/redactor.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { serializePlan } from '../../planner/plan-file/plan-file.ts';

export interface SecretSurroundings {
  readonly plan: Plan;
  /** Digest and file of manifest-info.json. */
  readonly manifest: { readonly digest: string; readonly file: string | null };
  /** Null for a plan file. */
  readonly source: Pick<LoadedManifest, 'manifest' | 'place' | 'keyPlace'> | null;
  /** What documents are made of, one a line; asked for only where there are secrets. */
  readonly words: () => string;
}

const SHORTEST = 4;
/** Digests and times are full of short runs of these: taken out, no digest would hold. */
const DIGITS_ONLY = /^[0-9a-f]{1,7}$/;

/**
 * Declared secrets that cannot be kept out of a bundle without spoiling it: too short, or a word that its documents are
 * made of (SP3081); or standing in the plan, which is published (SP3080). No diagnostic holds anything of a value.
 */
export function checkSecretValues(
  secrets: Readonly<Record<string, string>>,
  surroundings: SecretSurroundings,
): readonly Diagnostic[] {
  const names = Object.keys(secrets);
  if (names.length === 0) return [];
  const { plan, manifest, source } = surroundings;
  const published = `${serializePlan(plan)}\n${manifest.file ?? ''}\n${manifest.digest}`;
  const words = surroundings.words();
  const all = createRedactor(Object.values(secrets));
  const hit = (value: string, text: string): boolean => createRedactor([value]).text(text) !== text;
  // Nearly always nothing is found, and one look at it all tells so.
  const [plain, wordless] = [all.text(published) === published, all.text(words) === words];
  return names.flatMap((name) => {
    const value = secrets[name] ?? '';
    const pointer = `/secrets/${name}`;
    const place = source?.keyPlace(pointer);
    const at = { pointer, ...(place === undefined ? {} : { place }) };
    const unsafe = why(value) ?? (!wordless && hit(value, words) ? COMMON : undefined);
    if (unsafe !== undefined)
      return diagnostic('SP3081', `the secret ${name} cannot be redacted: ${unsafe}`, {
        ...at,
        help: 'Give it a longer value. If it is not a secret, write it in plain text instead of declaring it.',
      });
    if (plain || !hit(value, published)) return [];
    const found = where(value, surroundings);
    return diagnostic('SP3080', `the plan, which is published, contains the value of the secret ${name}`, {
      ...at,
      help: 'Remove it from the manifest and change the secret: this value is now known.',
      related: found.map(({ text, place }) => ({ message: text, ...(place === undefined ? {} : { place }) })),
    });
  });
}

const COMMON = 'it is a word that reports contain';

function why(value: string): string | undefined {
  if (value.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`;
  if (DIGITS_ONLY.test(value))
    return 'it is a short sequence of digits or hexadecimal, as in digests and times';
  return undefined;
}

const MOST_PLACES = 3;

/** Where the value is: places of the manifest, else of the plan. */
function where(value: string, { source, plan }: SecretSurroundings) {
  const redactor = createRedactor([value]);
  const holds = (text: string): boolean => redactor.text(text) !== text;
  const { secrets: _, ...rest } = source?.manifest ?? {};
  const own = pointersTo(rest, holds).map((pointer): { text: string; place?: Place | undefined } => ({
    // A key may be the value.
    text: `in the manifest at ${redactor.text(pointer)}`,
    place: source?.place(pointer),
  }));
  const found =
    own.length > 0
      ? own
      : pointersTo(plan, holds).map((pointer) => ({ text: `in the plan at ${redactor.text(pointer)}` }));
  return found.slice(0, MOST_PLACES) as readonly {
    readonly text: string;
    readonly place?: Place | undefined;
  }[];
}

/** JSON pointers of scalars, and of members by their names, that hold it. */
function pointersTo(value: unknown, holds: (text: string) => boolean, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null)
    return holds(typeof value === 'string' ? value : canonicalJson(value)) ? [at] : [];
  return Object.entries(value).flatMap(([key, item]) => {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Array.isArray(value) && holds(key)) return [pointer];
    return pointersTo(item, holds, pointer);
  });
}
