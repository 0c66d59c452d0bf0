/** The library: what the command line itself calls. */
export { type Checked, type CheckRequest, checkBundle } from './api/check-bundle.ts';
export { type Compiled, type CompileRequest, compileManifest } from './api/compile-manifest.ts';
export { runScan } from './api/run-scan.ts';
export { type ScanOptions, type ScanRequestOptions, scanOptions } from './api/scan-options.ts';
export type { FinishedScan, ScanOutcome, ScanRequest } from './api/scan-types.ts';
export type { Diagnostic, Place } from './core/diagnostic.ts';
export type { Account, Finding } from './core/finding.ts';
export type { Outcome } from './core/outcome.ts';
export type { Summary } from './evidence/summary.ts';
export type { RunEvent } from './executor/events.ts';
export type { StageResult } from './executor/stage-result.ts';
export type { Plan, Stage } from './planner/ir.ts';
export { serializePlan } from './planner/plan-file.ts';
export type { Verdict } from './policy/verdict.ts';
