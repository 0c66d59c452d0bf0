import type { PlanRequest } from '../../compiler/model/plan-request.ts';
import type { PullRequest } from '../trust/pull-request.ts';
import type { TrustQuestion } from '../trust/trust-question.ts';

/** What is asked of a manifest, and where. */
export interface CompileRequest extends PlanRequest {
  /** Absolute. */
  readonly cwd: string;
  /** Of a run in CI for a change under review: it may grant itself nothing. */
  readonly pullRequest?: PullRequest | undefined;
  /** Who asks what the workspace may decide; absent: nothing is run, and nothing is said of trust. */
  readonly trust?: TrustQuestion | undefined;
  /** Called once the manifest is validated and its policy resolved, before planning; with the absolute workspace. */
  readonly onResolved?: ((workspace: string) => void) | undefined;
}
