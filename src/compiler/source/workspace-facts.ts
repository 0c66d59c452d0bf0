import type { Digest } from '../../core/ids.ts';
import type { Outcome } from '../../core/outcome.ts';

/** What lies at a path: `outside` when a symbolic link leads out of the workspace. */
export type PathFact = 'missing' | 'outside' | 'file' | 'folder' | 'other';

/** What resolving may ask of the file system; a test passes a table. */
export interface WorkspaceFacts {
  /** Of a normalised path relative to the workspace, with `/`. */
  lookup(path: string): PathFact;
  /** Text of a regular file of at most 5 MB, for a Compose file; absent in a table that has none. */
  text?(path: string): Outcome<string>;
  /** sha256 of a file of the workspace; undefined where there is none that may be read. */
  digest?(path: string): Digest | undefined;
}
