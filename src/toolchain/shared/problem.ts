import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';

/** Why a tool is not available. `code` is one of SP4002 to SP4007. */
export interface Problem {
  readonly code: Extract<DiagnosticCode, `SP4${string}`>;
  readonly detail: string;
  /** What to do about it, one sentence. */
  readonly fix?: string;
}

/** Something made for a tool, or why it could not be made. */
export type Attempt<T extends object> = Result<T, { readonly problem: Problem }>;

export function refuse(
  code: Problem['code'],
  detail: string,
  fix?: string,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: fix === undefined ? { code, detail } : { code, detail, fix } };
}

export function problemDiagnostic(tool: string, problem: Problem): Diagnostic {
  const details = problem.fix === undefined ? {} : { help: problem.fix };
  return diagnostic(problem.code, `${tool}: ${problem.detail}`, details);
}

/** The stage's failure: an installation that was tried and failed, or a tool that is not available at all. */
export function problemFailure(problem: Problem): Failure {
  const reason = problem.code === 'SP4003' || problem.code === 'SP4004' ? 'install-failed' : 'tool-missing';
  const fix = problem.fix === undefined ? '' : `. ${problem.fix}`;
  return { reason, detail: `${problem.detail} (${problem.code})${fix}` };
}
