import type { Category } from './category.ts';
import type { Fingerprint, StageId, ToolId } from './ids.ts';
import type { Severity } from './severity.ts';

/** A span in a file of the workspace. Lines and columns count from 1; the end column is exclusive, as in SARIF. */
export interface Span {
  /** Relative to the workspace, with `/`, never absolute, never with `..`. */
  readonly path: string;
  readonly startLine?: number;
  readonly startColumn?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export interface Rule {
  /** The tool's own id, for example `B602`. */
  readonly id: string;
  readonly name?: string;
  readonly url?: string;
  /** `CWE-89`, sorted. */
  readonly cwe?: readonly string[];
  /** Names of the same check in other tools, for example `bandit:B602` of Ruff's S602: joins accounts of one flaw. */
  readonly aka?: readonly string[];
}

export interface AffectedPackage {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly fixedVersion?: string;
}

/** What a finding is about decides how it is identified and joined with other tools' accounts of it. */
export type FindingKind =
  | 'code'
  | 'secret'
  | 'vulnerability'
  | 'misconfiguration'
  | 'license'
  | 'privacy'
  | 'other';

/** What a parser gives: one thing one tool reported, before the engine has given it an identity. */
export interface ParsedFinding {
  readonly kind: FindingKind;
  readonly rule: Rule;
  /** One or two lines of plain text; never the value of a secret. */
  readonly message: string;
  /** Absent when the tool has none: it then counts as medium. */
  readonly severity?: Severity;
  /** The tool's own word for it, for example `LOW` or `warning`: the key of `severityMap`. */
  readonly toolLevel?: string;
  readonly span?: Span;
  /** Further places of the same flaw, none of them `span`: it is gone only when all of them are mended. */
  readonly alsoAt?: readonly Span[];
  readonly package?: AffectedPackage;
  /** CVE, GHSA and OSV ids that name the same advisory. */
  readonly advisories?: readonly string[];
}

/** One tool's account of a finding. */
export interface Account {
  /** What this tool alone would have been identified by; baselines match any account's. */
  readonly fingerprint: Fingerprint;
  readonly stage: StageId;
  readonly tool: ToolId;
  readonly rule: Rule;
  readonly message: string;
  readonly severity: Severity;
  readonly toolLevel?: string;
  readonly span?: Span;
  readonly alsoAt?: readonly Span[];
}

/** A finding as secplan keeps it: identified, rated, and with every tool's account of it. */
export interface Finding {
  readonly fingerprint: Fingerprint;
  readonly kind: FindingKind;
  readonly category: Category;
  /** Name of the target it was found in; `source` for the workspace. */
  readonly target: string;
  /** The worst of its accounts. */
  readonly severity: Severity;
  readonly rule: Rule;
  readonly message: string;
  readonly span?: Span;
  /** Further places, of all accounts; sorted. */
  readonly alsoAt?: readonly Span[];
  readonly package?: AffectedPackage;
  readonly advisories: readonly string[];
  /** At least one; sorted by stage and rule. */
  readonly accounts: readonly Account[];
}

/** All places of a finding or of an account, the first one first. */
export function placesOf({
  span,
  alsoAt,
}: {
  readonly span?: Span | undefined;
  readonly alsoAt?: readonly Span[] | undefined;
}): readonly Span[] {
  return [...(span === undefined ? [] : [span]), ...(alsoAt ?? [])];
}

/** What `placesOf` is made of: the first place is `span`, the others are `alsoAt`; neither where there is none. */
export function placedAt([span, ...alsoAt]: readonly Span[]): Pick<ParsedFinding, 'span' | 'alsoAt'> {
  return { ...(span === undefined ? {} : { span }), ...(alsoAt.length === 0 ? {} : { alsoAt }) };
}
