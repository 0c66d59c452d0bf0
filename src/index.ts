/**
 * The library: what the command line itself calls. Its types name no package: whoever installs secplan needs none for
 * them (scripts/types.ts).
 */
import type { ScanOptions } from './app/contract/scan-option-types.ts';
import { scanOptions as schema } from './app/contract/scan-options.ts';

export { type Checked, type CheckRequest, checkBundle } from './app/check/check-bundle.ts';
export { type Compiled, compileManifest } from './app/compile/compile-manifest.ts';
export type { CompileRequest } from './app/compile/compile-request.ts';
export type { ScanOptions, ScanRequestOptions } from './app/contract/scan-option-types.ts';
export type { FinishedScan, ScanOutcome, ScanRequest } from './app/contract/scan-types.ts';
export { runScan } from './app/scan/run-scan.ts';
export type { Diagnostic, Place } from './core/diagnostic.ts';
export type { Account, Finding } from './core/finding.ts';
export type { Outcome } from './core/outcome.ts';
export type { Summary } from './evidence/bundle/summary.ts';
export type { RunEvent } from './executor/events.ts';
export type { StageResult } from './executor/stage-result.ts';
export type { Plan, Stage } from './planner/ir/ir.ts';
export { serializePlan } from './planner/plan-file/plan-file.ts';
export type { Verdict } from './policy/verdict.ts';

/** Checks options that come from outside and fills in the defaults. `parse` throws what names each wrong one. */
export const scanOptions: { parse(options: unknown): ScanOptions } = schema;
