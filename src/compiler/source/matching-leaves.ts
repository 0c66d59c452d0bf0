import { escapeKey, pointerKeys } from './pointer.ts';

/** Which texts and numbers are looked for: those below a matching key, and those that match themselves. */
export interface LeafMatch {
  key(name: string): boolean;
  text(value: string): boolean;
}

/** Pointers of all texts and numbers that match. */
export function leavesUnder(root: unknown, match: LeafMatch): string[] {
  return [...leaves(root, '', false, match)];
}

/** Pointers of all texts and numbers at or below a pointer. */
export function leavesBelow(root: unknown, pointer: string): string[] {
  let start = root;
  for (const key of pointerKeys(pointer)) {
    if (typeof start !== 'object' || start === null || !Object.hasOwn(start, key)) return [];
    start = (start as Readonly<Record<string, unknown>>)[key];
  }
  return [...leaves(start, pointer, true)];
}

function* leaves(value: unknown, at: string, inside: boolean, match?: LeafMatch): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') {
    if (inside || match?.text(String(value))) yield at;
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      yield* leaves(item, `${at}/${escapeKey(key)}`, inside || match?.key(key) === true, match);
  }
}
