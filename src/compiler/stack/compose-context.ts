import type { KnownNames } from '../names/known-names.ts';
import type { Reporter } from '../source/reporter.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';

export interface ComposeContext {
  /** Path of the file, relative to the workspace. */
  readonly file: string;
  readonly names: KnownNames;
  readonly facts: WorkspaceFacts;
  /** Gives places in the Compose file. */
  readonly out: Reporter;
}
