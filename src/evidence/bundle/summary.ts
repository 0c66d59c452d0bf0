import type { Finding } from '../../core/finding.ts';
import type { Digest } from '../../core/ids.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Verdict } from '../../policy/verdict.ts';

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
  /** Present only where scanners ran without a sandbox. */
  readonly sandbox?: 'off';
  readonly bundle: string;
  readonly planDigest: Digest;
  readonly verdict: Verdict['outcome'];
  readonly exitCode: number;
  readonly partial: boolean;
  readonly counts: Verdict['counts'];
  readonly findings: number;
  /** What the gate set aside or marked; absent where it did neither. */
  readonly gate?: GateSummary;
  readonly coverage: Verdict['coverage'];
  readonly tools: readonly ToolSummary[];
  readonly artifacts: readonly ArtifactEntry[];
  readonly sbom: SbomSummary;
  readonly notEnforced: readonly string[];
  readonly durations: { readonly totalMs: number; readonly stages: Readonly<Record<string, number>> };
  readonly startedAt: string;
}

/** How many findings; a member is absent where the policy asks nothing of the kind. */
export interface GateSummary {
  /** Not in the baseline, or not there before the ref. */
  readonly new?: number;
  /** There before the ref: not counted. */
  readonly existing?: number;
  readonly waived?: number;
  readonly notAffected?: number;
  readonly exploited?: number;
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
  /** Fingerprint of the key that vouches for a result which another machine made. */
  readonly sharedBy?: Digest;
}

export interface SummaryInput {
  readonly secplan: string;
  readonly plan: Plan;
  readonly runtime: string;
  readonly sandbox?: 'off';
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
    ...(input.sandbox === undefined ? {} : { sandbox: input.sandbox }),
    bundle: input.bundle,
    planDigest: plan.planDigest,
    verdict: verdict.outcome,
    exitCode: verdict.exitCode,
    partial: verdict.partial,
    counts: verdict.counts,
    findings: input.findings.length,
    ...gateOf(verdict),
    coverage: verdict.coverage,
    tools: ran.map(({ stage, cached, sharedBy, toolUsed }) => ({
      stage,
      ...toolUsed,
      cached,
      ...(sharedBy === undefined ? {} : { sharedBy }),
    })),
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

function gateOf({ comparison, waivers, vex, exploited }: Verdict): { readonly gate?: GateSummary } {
  const waived = new Set(waivers.used.flatMap((waiver) => waiver.findings)).size;
  const gate: GateSummary = {
    ...(comparison === undefined ? {} : { new: comparison.new.length }),
    ...(comparison?.with === 'ref' ? { existing: comparison.existing } : {}),
    ...(waived === 0 ? {} : { waived }),
    ...(vex === undefined ? {} : { notAffected: vex.notAffected.length }),
    ...(exploited === undefined
      ? {}
      : { exploited: exploited.findings.filter((one) => one.exploited).length }),
  };
  return Object.keys(gate).length === 0 ? {} : { gate };
}
