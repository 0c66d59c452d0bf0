import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { Summary } from '../bundle/summary.ts';
import { policyDigest } from '../statement/policy-digest.ts';
import { STATEMENTS, type Statement } from '../statement/statement.ts';
import { VERDICT_EXTENSION } from '../statement/verdict-summary.ts';

/** The members of the statements' predicates that verification goes by; their schemas vouch for the rest. */
export interface ProvenancePredicate {
  readonly buildDefinition: {
    readonly externalParameters: {
      readonly plan: { readonly digest: { readonly sha256: string } };
      readonly manifest: { readonly digest: { readonly sha256: string } };
    };
  };
  readonly runDetails: {
    readonly metadata: { readonly invocationId: string; readonly startedOn: string };
    readonly byproducts: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  };
}

export interface VerdictPredicate {
  readonly timeVerified: string;
  readonly policy: { readonly digest: { readonly sha256: string } };
  readonly inputAttestations: readonly { readonly digest: { readonly sha256: string } }[];
  readonly verificationResult: 'PASSED' | 'FAILED';
  readonly [VERDICT_EXTENSION]: {
    readonly planDigest: string;
    readonly outcome: Verdict['outcome'];
    readonly exitCode: number;
    readonly waivers: readonly { readonly match: object; readonly expires: string }[];
    readonly counts: object;
  };
}

export interface Claims {
  readonly provenance: Statement;
  readonly vsa: Statement;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly manifestInfo: { readonly planDigest?: unknown; readonly manifestDigest?: unknown };
  /** sha256 of the provenance statement's file. */
  readonly provenanceSha256: string;
}

/** Whether the statements say the same as each other and as the documents: SP6016, SP6017, SP6018, SP6020. */
export function checkStatements(claims: Claims): readonly Diagnostic[] {
  const { plan, verdict, summary, manifestInfo } = claims;
  const provenance = claims.provenance.predicate as ProvenancePredicate;
  const vsa = claims.vsa.predicate as VerdictPredicate;
  const told = vsa[VERDICT_EXTENSION];
  const { file } = STATEMENTS.verdict;
  const found: Diagnostic[] = [];
  const hold = (holds: boolean, code: Diagnostic['code'], summary: string): void => {
    if (!holds) found.push(diagnostic(code, summary));
  };
  const { externalParameters } = provenance.buildDefinition;
  const digestOf = (of: { readonly digest: { readonly sha256: string } }) => `sha256:${of.digest.sha256}`;
  hold(
    digestOf(externalParameters.plan) === plan.planDigest,
    'SP6016',
    'the statement is about another plan',
  );
  hold(told.planDigest === plan.planDigest, 'SP6016', `${file} is about another plan`);
  hold(summary.planDigest === plan.planDigest, 'SP6016', 'summary.json is about another plan');
  hold(manifestInfo.planDigest === plan.planDigest, 'SP6016', 'manifest-info.json is about another plan');
  hold(
    manifestInfo.manifestDigest === digestOf(externalParameters.manifest),
    'SP6020',
    'manifest-info.json and the statement name different manifests',
  );
  hold(
    digestOf(vsa.policy) === policyDigest(plan.policy),
    'SP6017',
    `${file} is about another policy than the plan's`,
  );
  hold(
    vsa.inputAttestations[0]?.digest.sha256 === claims.provenanceSha256,
    'SP6020',
    `${file} is about another statement than ${STATEMENTS.provenance.file}`,
  );
  hold(
    canonicalJson(claims.provenance.subject) === canonicalJson(claims.vsa.subject),
    'SP6020',
    'the two statements have different subjects',
  );
  hold(
    told.outcome === verdict.outcome &&
      told.exitCode === verdict.exitCode &&
      (vsa.verificationResult === 'PASSED') === (verdict.outcome === 'pass') &&
      canonicalJson(told.counts) === canonicalJson(verdict.counts.overall) &&
      canonicalJson(told.waivers.map(({ match, expires }) => ({ match, expires }))) ===
        canonicalJson(verdict.waivers.used.map(({ match, expires }) => ({ match, expires }))),
    'SP6018',
    `${file} and verdict.json contain different verdicts`,
  );
  hold(
    summary.verdict === verdict.outcome && summary.exitCode === verdict.exitCode,
    'SP6018',
    'summary.json and verdict.json contain different verdicts',
  );
  hold(
    summary.startedAt === provenance.runDetails.metadata.startedOn && summary.startedAt === vsa.timeVerified,
    'SP6020',
    'the statements and summary.json contain different times',
  );
  return found;
}

/** A waiver that the verdict counts on and that had expired on the day of the run, in UTC: SP6019. */
export function checkWaivers(verdict: Verdict, startedAt: string): readonly Diagnostic[] {
  const day = startedAt.slice(0, 10);
  return verdict.waivers.used
    .filter(({ expires }) => !/^\d{4}-\d{2}-\d{2}$/.test(expires) || expires < day)
    .map(({ match, expires }) =>
      diagnostic(
        'SP6019',
        `the waiver of ${JSON.stringify(match)} expired on ${expires} but the run of ${day} depends on it`,
      ),
    );
}
