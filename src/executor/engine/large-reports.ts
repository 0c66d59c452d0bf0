import type { Result } from '../../core/result.ts';
import type { PlannedProvider, ToolStage } from '../../planner/ir/ir.ts';
import type { Evidence, Judgement } from '../judge/judge.ts';

/** Characters of outputs from which they are read outside of this process: reading takes many times their size in memory. */
export const LARGE_CHARACTERS = 8 * 2 ** 20;

/** What is asked of who reads a large report; plain data. */
export type LargeReportRequest =
  | { readonly kind: 'sanitize'; readonly definition: string; readonly output: string; readonly text: string }
  | {
      readonly kind: 'judge';
      readonly definition: string;
      readonly stage: Pick<ToolStage, 'outputSpecs' | 'faults' | 'options' | 'selection' | 'target'>;
      readonly provider: Pick<PlannedProvider, 'steps'>;
      readonly evidence: Evidence;
    };

/** What comes back, by the kind of the request. */
export interface LargeReportReplies {
  readonly sanitize: { readonly text: string } | { readonly detail: string };
  readonly judge: Judgement;
}

/**
 * Reads large reports with the same functions, in a separate process that has a limit. Not ok: it went over the limit, and with it went
 * that process alone.
 */
export interface LargeReports {
  readonly limitBytes: number;
  ask<Kind extends LargeReportRequest['kind']>(
    request: Extract<LargeReportRequest, { readonly kind: Kind }>,
    signal: AbortSignal,
  ): Promise<Result<{ readonly reply: LargeReportReplies[Kind] }, object>>;
}
