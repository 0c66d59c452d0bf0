import type { CheckContext } from '../names/check-context.ts';

/** Its reporter gives places in the Compose file. */
export interface ComposeContext extends CheckContext {
  /** Path of the file, relative to the workspace. */
  readonly file: string;
}
