import type { Diagnostic } from '../core/diagnostic.ts';
import type { StageId } from '../core/ids.ts';
import type { StageState } from './stage-result.ts';

/** What a run tells its watchers. The executor emits, views print. `at` is milliseconds since the run's start. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly at: number;
      readonly profile: string;
      readonly planDigest: string;
      /** Present only where scanners run with nothing around them. */
      readonly sandbox?: 'off';
      readonly stages: readonly StageId[];
    }
  | {
      readonly type: 'installing';
      readonly at: number;
      readonly tool: string;
      readonly version: string | null;
      readonly from: string;
      readonly thirdParty: string | null;
    }
  | { readonly type: 'installed'; readonly at: number; readonly tool: string; readonly ms: number }
  | {
      readonly type: 'service';
      readonly at: number;
      readonly stage: StageId;
      readonly state: ServiceState;
      /** Since it could have started; of `stopped`, what stopping took. */
      readonly ms: number;
      /** Why it failed; empty otherwise. */
      readonly detail: string;
    }
  | { readonly type: 'stage-started'; readonly at: number; readonly stage: StageId }
  | {
      readonly type: 'stage-finished';
      readonly at: number;
      readonly stage: StageId;
      readonly state: StageState;
      readonly cached: boolean;
      readonly findings: number;
      readonly ms: number;
      /** Why it did not run, or the failure in one line; empty when done. */
      readonly detail: string;
    }
  | { readonly type: 'diagnostic'; readonly at: number; readonly diagnostic: Diagnostic }
  | {
      readonly type: 'run-finished';
      readonly at: number;
      readonly verdict: 'pass' | 'fail' | 'incomplete';
      readonly exitCode: number;
    };

/** The state of a service of the stack. */
export type ServiceState = 'starting' | 'healthy' | 'failed' | 'stopped';

export type OnEvent = (event: RunEvent) => void;
