import type { Plan } from '../planner/ir.ts';
import type { ArtifactEntry, Summary } from './summary.ts';

export interface GitFacts {
  readonly sha: string;
  readonly dirty: boolean;
}

/**
 * in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) about a bundle: its files are the subjects, the
 * predicate says which tools made them of which inputs under which plan. Not signed here.
 */
export function statementOf(
  summary: Summary,
  plan: Plan,
  subjects: readonly ArtifactEntry[],
  git: GitFacts | null,
): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType: 'https://secplan.dev/attestation/scan/v1',
    predicate: {
      secplan: summary.secplan,
      bundle: summary.bundle,
      profile: summary.profile,
      runtime: summary.runtime,
      planDigest: plan.planDigest,
      source: git === null ? null : { gitSha: git.sha, dirty: git.dirty },
      tools: summary.tools.map(({ cached: _, ...tool }) => tool),
      notEnforced: summary.notEnforced,
      verdict: {
        outcome: summary.verdict,
        exitCode: summary.exitCode,
        partial: summary.partial,
        counts: summary.counts.overall,
      },
      startedAt: summary.startedAt,
      durationMs: summary.durations.totalMs,
    },
  };
}
