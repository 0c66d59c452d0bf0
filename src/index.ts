/** The library: what the command line itself calls. */
export { type Checked, type CheckRequest, checkBundle } from './app/check/check-bundle.ts';
export { type Compiled, compileManifest } from './app/compile/compile-manifest.ts';
export type { CompileRequest } from './app/compile/compile-request.ts';
export { type ScanOptions, type ScanRequestOptions, scanOptions } from './app/contract/scan-options.ts';
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
