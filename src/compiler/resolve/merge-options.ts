import { isRecord } from '../../core/is-record.ts';

type Options = Readonly<Record<string, unknown>>;

/** Merges options, later wins: mappings are merged, everything else, lists too, replaces. */
export function mergeOptions(...layers: readonly (Options | undefined)[]): Options {
  const merged = new Map<string, unknown>();
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer ?? {})) {
      const before = merged.get(key);
      merged.set(key, isRecord(before) && isRecord(value) ? mergeOptions(before, value) : value);
    }
  }
  return Object.fromEntries(merged);
}
