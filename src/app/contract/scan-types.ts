import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import type { ReceiverReport } from '../../delivery/shared/receiver-report.ts';
import type { SignatureState } from '../../evidence/attest/signature-state.ts';
import type { Summary } from '../../evidence/bundle/summary.ts';
import type { OnEvent } from '../../executor/events.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { ScanOptions, ScanRequestOptions } from './scan-option-types.ts';

/** What surrounds a scan: never read from globals below the composition root. */
export interface ScanSurroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** From outside: what is absent has its default, what is wrong is refused. */
export interface ScanRequest extends ScanSurroundings {
  readonly options: ScanRequestOptions;
}

export interface ParsedScanRequest extends ScanSurroundings {
  readonly options: ScanOptions;
}

/** What a scan ends with. `exitCode` is always set, whatever else is. */
export interface ScanOutcome {
  /** Spec section 5. */
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the run did not get as far as a bundle. */
  readonly scan?: FinishedScan;
}

export interface FinishedScan {
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly signature: SignatureState;
  /** The result for each receiver, in order; empty without receivers. */
  readonly delivery: readonly ReceiverReport[];
  /** Merged, worst first. */
  readonly findings: readonly Finding[];
  readonly results: readonly StageResult[];
  /** Absolute. */
  readonly bundleDir: string;
  /** Absolute. */
  readonly workspace: string;
}
