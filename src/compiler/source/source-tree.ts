import type { Place } from '../../core/diagnostic.ts';

/** A parsed manifest: plain JSON data, and where each part of it is written. */
export interface SourceTree {
  readonly value: unknown;
  /** Where the value at a JSON pointer begins. Computed when asked for. */
  place(pointer: string): Place | undefined;
  /** Where the key that holds the value begins; of a list's entry, the entry. */
  keyPlace(pointer: string): Place | undefined;
}
