import { byCodeUnit, canonicalJson, sha256Hex } from '../../core/canonical.ts';

/** The distinct values, by canonical JSON and in its order: whoever said it first does not matter. */
export function union<T>(lists: readonly (readonly T[] | undefined)[]): T[] {
  const byText = new Map<string, T>();
  for (const list of lists) for (const item of list ?? []) byText.set(canonicalJson(item), item);
  return [...byText].sort(([a], [b]) => byCodeUnit(a, b)).map(([, item]) => item);
}

/** Of several accounts of one thing the first by canonical JSON; undefined where there is none. */
export function pick<T>(values: readonly (T | undefined)[]): T | undefined {
  return union([values.filter((value) => value !== undefined)])[0];
}

/** Groups by key, keys in code-unit order. */
export function grouped<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly [string, readonly T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups].sort(([a], [b]) => byCodeUnit(a, b));
}

/** Without the members that are undefined or an empty list. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0),
    ),
  ) as T;
}

/** A UUID (RFC 9562, version 8) made of the content: equal content, equal id. */
export function uuidOfContent(content: unknown): string {
  const hex = sha256Hex(canonicalJson(content));
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}
