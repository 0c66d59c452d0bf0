import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { type Provider, refusalOf } from '../../stages/contract/provider.ts';

/** Why a tool is not available. `code` is one of SP4002 to SP4009. */
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

const REASONS: Partial<Record<DiagnosticCode, 'install-failed' | 'disk-full' | 'tool-changed'>> = {
  SP4003: 'install-failed',
  SP4004: 'install-failed',
  SP4008: 'disk-full',
  SP4009: 'tool-changed',
};

/** The stage's failure: an installation that was tried and failed, or a tool that is not available at all. */
export function problemFailure(problem: Problem): Failure {
  const reason = REASONS[problem.code] ?? 'tool-missing';
  const fix = problem.fix === undefined ? '' : `. ${problem.fix}`;
  return { reason, detail: `${problem.detail} (${problem.code})${fix}` };
}

/** SP4016 where a version is known to be malicious; undefined for every other. */
export function refusedVersion(
  tool: string,
  provider: Pick<Provider, 'name' | 'refused'>,
  version: string | null,
): ReturnType<typeof refuse> | undefined {
  const advisory = refusalOf(provider, version);
  if (advisory === undefined) return undefined;
  return refuse(
    'SP4016',
    `${version} from ${provider.name} is malicious (${advisory})`,
    `Remove it from this machine and pin another version: secplan tools lock ${tool}@VERSION.`,
  );
}

/** That one place a tool can come from was passed over, and why. */
export function insteadOf(
  tool: string,
  { name, problem }: { readonly name: string; readonly problem: Problem },
  used: string,
): Diagnostic {
  return diagnostic('SP4015', `${tool} comes from ${used}: ${name} is unavailable`, {
    help: `${problem.detail}.`,
  });
}
