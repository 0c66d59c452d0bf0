import type { Digest } from '../../core/ids.ts';

/** One regular file (or symbolic link that stays inside) of the workspace. */
export interface InventoryFile {
  /** Relative, with `/`, as bytes decode in UTF-8. */
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
  /** Left out but for a target that names it or its folder, or an input that is its name: seen by such stages only. */
  readonly named?: true;
}

/** A file that scanning leaves out, with the reason that coverage lists. A folder is one entry and ends in `/`. */
export interface LeftOut {
  readonly path: string;
  readonly reason:
    | 'git-ignored'
    | 'ignored-folder'
    | 'export-folder'
    /** The manifest, the baseline, VEX documents or a golden: what results are judged by. */
    | 'secplan-file'
    /** What this run prints is written to it: `secplan run | tee scan.log`. */
    | 'own-log'
    | 'special-file'
    | 'too-large'
    | 'unreadable'
    | 'link-outside'
    | 'link-to-folder'
    | 'unusable-name'
    /** Tracked, and not on disk: a sparse checkout, `skip-worktree`, or deleted. */
    | 'absent'
    /** A submodule that is not checked out. */
    | 'submodule'
    /** Its content is elsewhere, in Git LFS. */
    | 'lfs-pointer';
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

/** What identifies one state of a file without reading it. Times are nanoseconds since the epoch. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
}

/** The inventory of a folder on disk: what `takeInventory` gives. */
export interface WorkspaceInventory extends Inventory {
  /**
   * Digests of many files at once, in their order. Undefined where a file can no longer be read; it then stands
   * in `leftOut`.
   */
  digests(files: readonly InventoryFile[]): Promise<readonly (Digest | undefined)[]>;
  /** The state that a file was in when it was last seen; undefined for a path that is not in `files`. */
  stamp(path: string): FileStamp | undefined;
  /** Whether the path is a symbolic link that stands for its target's content. */
  isLink(path: string): boolean;
  /** Tells of a change of times that is our own doing (a hard link changes ctime) and left the content alone. */
  restamp(path: string, stamp: FileStamp): void;
  /** Reads the file again: whether its content is still that of its digest. Notes its new times if so. */
  confirm(path: string): boolean;
  /** Writes the stat index, if anything was learned. Call it once, when the last input has been selected or removed. */
  flush(): Promise<void>;
  /** Number of files whose content was read so far, for `--timings` and tests. */
  readonly filesRead: number;
}

/** The files one stage reads, and no others. */
export interface InputSet {
  readonly files: readonly InventoryFile[];
  /** sha256 over path, executable bit and content digest of each file. */
  readonly digest: Digest;
  /** How many more would match but for the manifest's own excludes. */
  readonly excludedByManifest: number;
}
