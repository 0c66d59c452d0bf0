import type { Finding } from '../core/finding.ts';
import type { Digest } from '../core/ids.ts';
import type { StageResult } from '../executor/stage-result.ts';
import type { Plan } from '../planner/ir.ts';
import type { Verdict } from '../policy/verdict.ts';

export interface ArtifactEntry {
  /** Path in the bundle. */
  readonly path: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface SbomSummary {
  readonly count: number;
  readonly packages: number;
  /** The first ten by name: a look, not a list. */
  readonly top: readonly { readonly name: string; readonly version: string | null }[];
}

/** summary.json: what a dashboard or a person needs, without reading anything else. */
export interface Summary {
  readonly schema: 'https://secplan.dev/schema/summary/v1';
  readonly secplan: string;
  readonly name: string;
  readonly profile: string;
  readonly runtime: string;
  readonly bundle: string;
  readonly planDigest: Digest;
  readonly verdict: Verdict['outcome'];
  readonly exitCode: number;
  readonly partial: boolean;
  readonly counts: Verdict['counts'];
  readonly findings: number;
  readonly coverage: Verdict['coverage'];
  readonly tools: readonly ToolSummary[];
  readonly artifacts: readonly ArtifactEntry[];
  readonly sbom: SbomSummary;
  readonly notEnforced: readonly string[];
  readonly durations: { readonly totalMs: number; readonly stages: Readonly<Record<string, number>> };
  readonly startedAt: string;
}

export interface ToolSummary {
  readonly stage: string;
  readonly name: string;
  readonly version: string | null;
  readonly digest: Digest;
  readonly provider: string;
  readonly pinned: boolean;
  readonly thirdParty: string | null;
  readonly cached: boolean;
}

export interface SummaryInput {
  readonly secplan: string;
  readonly plan: Plan;
  readonly runtime: string;
  readonly bundle: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly results: readonly StageResult[];
  readonly artifacts: readonly ArtifactEntry[];
  readonly sbom: SbomSummary;
  readonly startedAt: number;
  readonly totalMs: number;
}

export function summaryOf(input: SummaryInput): Summary {
  const { plan, verdict, results } = input;
  const ran = results.flatMap((result) => (result.state === 'done' ? [result] : []));
  return {
    schema: 'https://secplan.dev/schema/summary/v1',
    secplan: input.secplan,
    name: plan.name,
    profile: plan.profile,
    runtime: input.runtime,
    bundle: input.bundle,
    planDigest: plan.planDigest,
    verdict: verdict.outcome,
    exitCode: verdict.exitCode,
    partial: verdict.partial,
    counts: verdict.counts,
    findings: input.findings.length,
    coverage: verdict.coverage,
    tools: ran.map(({ stage, cached, toolUsed }) => ({ stage, ...toolUsed, cached })),
    artifacts: input.artifacts,
    sbom: input.sbom,
    notEnforced: [...new Set(ran.flatMap((result) => result.notEnforced))].sort(),
    durations: {
      totalMs: input.totalMs,
      stages: Object.fromEntries(
        results.flatMap((result) =>
          'timings' in result
            ? [[result.stage, Math.round(result.timings.endedAt - result.timings.startedAt)]]
            : [],
        ),
      ),
    },
    startedAt: new Date(input.startedAt).toISOString(),
  };
}
