import type { Reporter } from '../source/reporter.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';
import type { KnownNames } from './known-names.ts';

/** What every check of a manifest needs: the names it may refer to, the workspace, and where errors go. */
export interface CheckContext {
  readonly names: KnownNames;
  readonly facts: WorkspaceFacts;
  readonly out: Reporter;
}
