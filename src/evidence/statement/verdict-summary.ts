import type { Plan } from '../../planner/ir/ir.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { ArtifactEntry } from '../bundle/summary.ts';
import { policyDigest } from './policy-digest.ts';

/** Extension of the predicate by its full name, as the in-toto framework wants extensions to be named. */
export const VERDICT_EXTENSION = 'https://secplan.dev/attestation/verdict/v1';

export interface VerdictSummaryInput {
  readonly secplan: string;
  readonly bundle: string;
  readonly plan: Plan;
  readonly verdict: Verdict;
  /** The provenance statement, already written. */
  readonly provenance: ArtifactEntry;
  /** Milliseconds since the epoch at which the gate judged. */
  readonly at: number;
}

/** SLSA verification summary v1 (slsa.dev/spec/v1.0/verification_summary) of the gate, with all that it counted on. */
export function verdictSummaryOf(input: VerdictSummaryInput): object {
  const { secplan, bundle, plan, verdict, provenance, at } = input;
  const passed = verdict.outcome === 'pass';
  return {
    verifier: { id: 'https://secplan.dev/gate', version: { secplan } },
    timeVerified: new Date(at).toISOString(),
    resourceUri: `urn:secplan:bundle:${bundle}`,
    policy: {
      uri: `urn:secplan:policy:${encodeURIComponent(plan.policy.budgets.origin)}`,
      digest: { sha256: policyDigest(plan.policy).slice('sha256:'.length) },
    },
    inputAttestations: [{ uri: provenance.path, digest: { sha256: provenance.sha256 } }],
    verificationResult: passed ? 'PASSED' : 'FAILED',
    // Scanning is no build: what there is to say of its levels is that nobody evaluated them.
    verifiedLevels: [passed ? 'SLSA_BUILD_LEVEL_UNEVALUATED' : 'FAILED'],
    slsaVersion: '1.0',
    [VERDICT_EXTENSION]: {
      planDigest: plan.planDigest,
      outcome: verdict.outcome,
      exitCode: verdict.exitCode,
      partial: verdict.partial,
      ...(verdict.unexamined === undefined ? {} : { unexamined: verdict.unexamined }),
      onIncomplete: plan.policy.onIncomplete,
      budgetsFrom: verdict.budgetsFrom,
      budgets: verdict.budgets,
      counts: verdict.counts.overall,
      waivers: verdict.waivers.used.map(({ match, reason, owner, expires, findings }) => ({
        match,
        reason,
        owner,
        expires,
        findings: findings.length,
      })),
      coverage: {
        entries: verdict.coverage.entries.map(({ id, tool, state, reason, findings }) => ({
          id,
          tool,
          state,
          reason,
          findings,
        })),
        requiredMissing: verdict.coverage.requiredMissing,
        notChecked: verdict.coverage.notChecked,
        ...unexaminedCounts(verdict),
      },
      sla: verdict.sla,
    },
  };
}

/** Counts only: their names are in unexamined.json, whose digest the checksums hold. */
function unexaminedCounts({ coverage: { unexamined } }: Verdict): object {
  if (unexamined === undefined) return {};
  const { files, counted, silent } = unexamined;
  return { unexamined: { files, counted, silent } };
}
