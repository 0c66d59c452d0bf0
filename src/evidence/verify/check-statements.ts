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

/** Something that must hold, and what to say where it does not. */
type Claim = readonly [holds: boolean, code: Diagnostic['code'], fault: string];

/** Whether the statements say the same as each other and as the documents: SP6016, SP6017, SP6018, SP6020. */
export function checkStatements(claims: Claims): readonly Diagnostic[] {
  return [...planClaims(claims), ...statementClaims(claims), ...verdictClaims(claims), timeClaim(claims)]
    .filter(([holds]) => !holds)
    .map(([, code, fault]) => diagnostic(code, fault));
}

/** Every document is about the same plan and manifest. */
function planClaims({ plan, summary, manifestInfo, ...statements }: Claims): readonly Claim[] {
  const { externalParameters } = (statements.provenance.predicate as ProvenancePredicate).buildDefinition;
  const told = (statements.vsa.predicate as VerdictPredicate)[VERDICT_EXTENSION];
  const { planDigest } = plan;
  return [
    [sha256Of(externalParameters.plan) === planDigest, 'SP6016', 'the statement is about another plan'],
    [told.planDigest === planDigest, 'SP6016', `${STATEMENTS.verdict.file} is about another plan`],
    [summary.planDigest === planDigest, 'SP6016', 'summary.json is about another plan'],
    [manifestInfo.planDigest === planDigest, 'SP6016', 'manifest-info.json is about another plan'],
    [
      manifestInfo.manifestDigest === sha256Of(externalParameters.manifest),
      'SP6020',
      'manifest-info.json and the statement name different manifests',
    ],
  ];
}

/** The verdict's statement is about the plan's policy, and about the other statement and what that is about. */
function statementClaims({ plan, provenance, vsa, provenanceSha256 }: Claims): readonly Claim[] {
  const { policy, inputAttestations } = vsa.predicate as VerdictPredicate;
  const { file } = STATEMENTS.verdict;
  return [
    [
      sha256Of(policy) === policyDigest(plan.policy),
      'SP6017',
      `${file} is about another policy than the plan's`,
    ],
    [
      inputAttestations[0]?.digest.sha256 === provenanceSha256,
      'SP6020',
      `${file} is about another statement than ${STATEMENTS.provenance.file}`,
    ],
    [
      canonicalJson(provenance.subject) === canonicalJson(vsa.subject),
      'SP6020',
      'the two statements have different subjects',
    ],
  ];
}

/** The verdict is the same wherever it stands. */
function verdictClaims({ vsa, verdict, summary }: Claims): readonly Claim[] {
  const { verificationResult, [VERDICT_EXTENSION]: told } = vsa.predicate as VerdictPredicate;
  return [
    [
      told.outcome === verdict.outcome &&
        told.exitCode === verdict.exitCode &&
        (verificationResult === 'PASSED') === (verdict.outcome === 'pass') &&
        canonicalJson(told.counts) === canonicalJson(verdict.counts.overall) &&
        canonicalJson(told.waivers.map(({ match, expires }) => ({ match, expires }))) ===
          canonicalJson(verdict.waivers.used.map(({ match, expires }) => ({ match, expires }))),
      'SP6018',
      `${STATEMENTS.verdict.file} and verdict.json contain different verdicts`,
    ],
    [
      summary.verdict === verdict.outcome && summary.exitCode === verdict.exitCode,
      'SP6018',
      'summary.json and verdict.json contain different verdicts',
    ],
  ];
}

function timeClaim({ provenance, vsa, summary }: Claims): Claim {
  const { startedOn } = (provenance.predicate as ProvenancePredicate).runDetails.metadata;
  const { timeVerified } = vsa.predicate as VerdictPredicate;
  return [
    summary.startedAt === startedOn && summary.startedAt === timeVerified,
    'SP6020',
    'the statements and summary.json contain different times',
  ];
}

function sha256Of({ digest }: { readonly digest: { readonly sha256: string } }): string {
  return `sha256:${digest.sha256}`;
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
