import type { Match } from './purl.ts';

type Comparator = '<' | '<=' | '>' | '>=' | '=' | '!=';

/**
 * Whether a version lies in a range of the `vers` notation (package-url/vers-spec), such as `vers:npm/>=1.0|<2.0`. Only
 * versions of plain numbers are compared, where all ecosystems agree on the order; `maybe` for every other one.
 */
export function matchRange(range: string, version: string): Match {
  const constraints = readRange(range);
  if (constraints === undefined) return 'maybe';
  if (constraints === 'any') return 'yes';
  const exact = constraints.filter(([comparator]) => comparator === '=' || comparator === '!=');
  for (const [comparator, bound] of exact) {
    if (bound === version) return comparator === '=' ? 'yes' : 'no';
  }
  const ordered: [Comparator, number][] = [];
  for (const [comparator, bound] of constraints) {
    const order = compareNumbers(version, bound);
    if (order === undefined) return 'maybe';
    if (order === 0 && comparator === '=') return 'yes';
    if (order === 0 && comparator === '!=') return 'no';
    if (comparator !== '=' && comparator !== '!=') ordered.push([comparator, order]);
  }
  if (!areIntervals(constraints)) return 'maybe';
  if (ordered.length === 0) return exact.some(([comparator]) => comparator === '!=') ? 'yes' : 'no';
  return inIntervals(ordered) ? 'yes' : 'no';
}

/** Whether bounds ascend, and no two in a row have one direction (vers-spec, "Normalized, canonical representation"). */
function areIntervals(constraints: readonly (readonly [Comparator, string])[]): boolean {
  const bounds = constraints.filter(([comparator]) => comparator !== '=' && comparator !== '!=');
  return bounds.every(([comparator, bound], index) => {
    const before = bounds[index - 1];
    if (before === undefined) return true;
    return before[0].charAt(0) !== comparator.charAt(0) && (compareNumbers(before[1], bound) ?? 0) < 0;
  });
}

/** Bounds ascend: each lower one opens an interval that the next upper one closes. */
function inIntervals(bounds: readonly (readonly [Comparator, number])[]): boolean {
  let open: boolean | undefined;
  for (const [comparator, order] of bounds) {
    if (comparator === '>' || comparator === '>=') {
      open = order > 0 || (order === 0 && comparator === '>=');
      continue;
    }
    // Without a lower bound before it, an upper one closes what began with the first version.
    const below = order < 0 || (order === 0 && comparator === '<=');
    if ((open ?? true) && below) return true;
    open = false;
  }
  return open === true;
}

function readRange(range: string): readonly (readonly [Comparator, string])[] | 'any' | undefined {
  const list = /^vers:[a-z][a-z0-9.+-]*\/(.+)$/.exec(range)?.[1];
  if (list === undefined) return undefined;
  if (list === '*') return 'any';
  const constraints = list
    .split('|')
    .filter((part) => part.trim() !== '')
    .map((part) => /^\s*(<=|>=|!=|<|>|=|)\s*(.+?)\s*$/.exec(part));
  const read = constraints.map((match): readonly [Comparator, string] | undefined => {
    const version = decoded(match?.[2] ?? '');
    return version === '' || version === '*' ? undefined : [(match?.[1] || '=') as Comparator, version];
  });
  return read.length > 0 && read.every((one) => one !== undefined) ? read : undefined;
}

/** Negative, 0 or positive; undefined for what is not of plain numbers, and where only zeros at the end differ. */
function compareNumbers(a: string, b: string): number | undefined {
  if (!PLAIN.test(a) || !PLAIN.test(b)) return undefined;
  const [first, second] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const [one, other] = [first[index] ?? 0n, second[index] ?? 0n];
    if (one !== other) return one < other ? -1 : 1;
  }
  // Ecosystems disagree on whether 1.0 is 1.0.0.
  return first.length === second.length ? 0 : undefined;
}

const PLAIN = /^v?\d{1,20}(\.\d{1,20}){0,20}$/;

function parts(version: string): readonly bigint[] {
  return version.replace(/^v/, '').split('.').map(BigInt);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
