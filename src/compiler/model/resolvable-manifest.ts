import type { Place } from '../../core/diagnostic.ts';
import type { Manifest } from '../manifest.gen.ts';

/** What was done to a manifest with errors, so that later phases could look for more. */
export interface Repair {
  /** Pointer in the manifest as it is written, of a pointer in what is left of it. */
  original(pointer: string): string;
  /** Pointers, as written, of what was left out. */
  readonly lost: readonly string[];
  /** Those of `lost` whose names are gone too. */
  readonly removed: readonly string[];
}

/** A validated manifest with its places, as `loadManifest` gives it. */
export interface ResolvableManifest {
  readonly manifest: Manifest;
  place(pointer: string): Place | undefined;
  keyPlace(pointer: string): Place | undefined;
  /** Present where `manifest` is only what its schema left of what is written: it then resolves to errors only. */
  readonly repaired?: Repair;
}
