import { escapeKey } from './pointer.ts';

/** Every value below `value` whose keys match a path, with its JSON pointer; `*` is any key or index. */
export function matchingPointers(
  value: unknown,
  path: readonly string[],
  at = '',
): [pointer: string, value: unknown][] {
  const [key, ...rest] = path;
  if (key === undefined) return [[at, value]];
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Readonly<Record<string, unknown>>;
  const keys = key === '*' ? Object.keys(record) : Object.hasOwn(record, key) ? [key] : [];
  return keys.flatMap((name) => matchingPointers(record[name], rest, `${at}/${escapeKey(name)}`));
}
