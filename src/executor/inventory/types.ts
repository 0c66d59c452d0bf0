import type { Digest } from '../../core/ids.ts';

/** One regular file (or symbolic link that stays inside) of the workspace. */
export interface InventoryFile {
  /** Relative, with `/`, as bytes decode in UTF-8. */
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
}

/** A file that scanning leaves out, with the reason that coverage lists. */
export interface LeftOut {
  readonly path: string;
  readonly reason:
    | 'ignored-folder'
    | 'export-folder'
    | 'special-file'
    | 'too-large'
    | 'unreadable'
    | 'link-outside'
    | 'unusable-name';
}

/** The workspace as one run sees it. */
export interface Inventory {
  readonly root: string;
  /** Sorted by path, by code unit. */
  readonly files: readonly InventoryFile[];
  readonly leftOut: readonly LeftOut[];
  readonly git: { readonly sha: string; readonly dirty: boolean } | null;
  /** sha256 of a file; read at most once and remembered by the stat index across runs. */
  digest(path: string): Promise<Digest>;
}

/** The files one stage reads, and no others. */
export interface InputSet {
  readonly files: readonly InventoryFile[];
  /** sha256 over path, executable bit and content digest of each file. */
  readonly digest: Digest;
  /** How many more would match but for the manifest's own excludes. */
  readonly excludedByManifest: number;
}
