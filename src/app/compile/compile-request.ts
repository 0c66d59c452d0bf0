import type { Model } from '../../compiler/model/model.ts';
import type { PullRequest } from '../trust/pull-request.ts';

/** What a manifest is compiled with. */
export interface CompileRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly manifest?: string | undefined;
  readonly workspace?: string | undefined;
  readonly profile?: string | undefined;
  readonly runtime?: Model['runtime'] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  /** File with budgets. */
  readonly policy?: string | undefined;
  readonly enforceSla?: boolean | undefined;
  /** `--trusted REF`: the ref whose manifest decides what gates and what is granted. */
  readonly trusted?: string | undefined;
  /** Of a run in CI for a change under review: it may grant itself nothing. */
  readonly pullRequest?: PullRequest | undefined;
  readonly requiresStack?: boolean | undefined;
  /** Base URL of a running stack. */
  readonly stackBaseUrl?: string | undefined;
  /** Called once the manifest is validated and its policy resolved, before planning; with the absolute workspace. */
  readonly onResolved?: ((workspace: string) => void) | undefined;
}
