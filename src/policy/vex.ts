import type { Finding } from '../core/finding.ts';
import type { Digest } from '../core/ids.ts';
import { readPurl } from '../stages/formats/read-purl.ts';
import { endOfDay } from './day.ts';
import { type Match, matchPurl, versionOf } from './purl.ts';
import { matchRange } from './vers-range.ts';

export type VexStatus = 'not_affected' | 'fixed' | 'under_investigation' | 'affected';

/** One statement, from OpenVEX or CycloneDX alike. */
export interface VexStatement {
  /** The vulnerability's id and its aliases. */
  readonly ids: readonly string[];
  /** Package URLs that it is about. */
  readonly packages: readonly string[];
  /** Versions of packages that it is about, by range. */
  readonly ranges?: readonly VexRange[];
  /** Products, one of which must be ours for it to hold; absent: it holds wherever its packages are. */
  readonly products?: readonly string[];
  /** Products of which it is about every part, where they are ours. */
  readonly wholes?: readonly string[];
  readonly status: VexStatus;
  readonly justification?: string;
  /** What its author says in words. */
  readonly statement?: string;
  /** When it was made, milliseconds since the epoch; null where the document has no time. */
  readonly at: number | null;
}

export interface VexRange {
  /** Without a version. */
  readonly package: string;
  /** In the `vers` notation. */
  readonly range: string;
}

/** Something that the run scanned and that statements may call by name. */
export interface OwnProduct {
  /** Package URL, or whatever else a document calls it. */
  readonly id: string;
  /** The target that it is; null for each. */
  readonly target: string | null;
}

export interface VexDocument {
  readonly path: string;
  readonly digest: Digest;
  readonly format: 'openvex' | 'cyclonedx';
  readonly id: string | null;
  readonly author: string | null;
  /** YYYY-MM-DD, of the policy. */
  readonly expires?: string;
  readonly statements: readonly VexStatement[];
}

export interface NotAffected {
  readonly finding: Finding;
  readonly statement: VexStatement;
  readonly document: VexDocument;
}

export interface VexResult {
  readonly counted: readonly Finding[];
  readonly notAffected: readonly NotAffected[];
  /** Documents whose day is over. */
  readonly expired: readonly VexDocument[];
  /** Statements that are believed and match no finding. */
  readonly unused: readonly UnusedStatement[];
}

export interface UnusedStatement {
  readonly document: VexDocument;
  readonly statement: VexStatement;
  /** It would match, but is about a product that is not ours. */
  readonly foreign: boolean;
}

/** Whether the policy still believes a document. `at` is milliseconds since the epoch. */
export function isBelieved({ expires }: VexDocument, at: number): boolean {
  return expires === undefined || at < endOfDay(expires);
}

/**
 * Sets aside findings that a believed statement calls not affected or fixed. Of several statements on one finding the
 * latest decides (OpenVEX, "status transitions"); of two of one time, or without one, the one under which it counts.
 * A statement that sets aside is ignored where it was made after `at`, or where it is not certain that it is about the
 * package; one under which a finding counts is not.
 */
export function applyVex(
  findings: readonly Finding[],
  documents: readonly VexDocument[],
  at: number,
  products: readonly OwnProduct[],
): VexResult {
  const believed = documents.filter((document) => isBelieved(document, at));
  const byId = statementsById(believed);
  const used = new Set<VexStatement>();
  const foreign = new Set<VexStatement>();
  const counted: Finding[] = [];
  const notAffected: NotAffected[] = [];
  for (const finding of findings) {
    const own = products.filter(({ target }) => target === null || target === finding.target);
    const matching: Statement[] = [];
    for (const one of statementsOn(finding, byId)) {
      const { statement } = one;
      const match = matchStatement(statement, finding, own);
      if (match === 'foreign') foreign.add(statement);
      else if (
        match === 'yes'
          ? !sets(statement) || (statement.at ?? 0) <= at
          : match === 'maybe' && !sets(statement)
      )
        matching.push(one);
    }
    for (const { statement } of matching) used.add(statement);
    const decisive = decisiveOf(matching);
    if (decisive === undefined) counted.push(finding);
    else notAffected.push({ finding, ...decisive });
  }
  return {
    counted,
    notAffected,
    expired: documents.filter((document) => !isBelieved(document, at)),
    unused: believed.flatMap((document) =>
      document.statements
        .filter((statement) => !used.has(statement))
        .map((statement) => ({ document, statement, foreign: foreign.has(statement) })),
    ),
  };
}

interface Statement {
  readonly document: VexDocument;
  readonly statement: VexStatement;
}

function statementsById(documents: readonly VexDocument[]): ReadonlyMap<string, readonly Statement[]> {
  const byId = new Map<string, Statement[]>();
  for (const document of documents) {
    for (const statement of document.statements) {
      for (const id of new Set(statement.ids.map((text) => text.toUpperCase()))) {
        const list = byId.get(id);
        if (list === undefined) byId.set(id, [{ document, statement }]);
        else list.push({ document, statement });
      }
    }
  }
  return byId;
}

function statementsOn(
  finding: Finding,
  byId: ReadonlyMap<string, readonly Statement[]>,
): readonly Statement[] {
  if (finding.kind !== 'vulnerability') return [];
  const ids = new Set([...finding.advisories, finding.rule.id].map((id) => id.toUpperCase()));
  return [...new Set([...ids].flatMap((id) => byId.get(id) ?? []))];
}

/** `foreign` where only the product does not fit. */
function matchStatement(
  statement: VexStatement,
  { package: found }: Finding,
  own: readonly OwnProduct[],
): Match | 'foreign' {
  const { packages, ranges = [], products, wholes = [] } = statement;
  const ours = (wanted: readonly string[]): Match =>
    best(wanted.flatMap((product) => own.map(({ id }) => (id === product ? 'yes' : matchPurl(product, id)))));
  const whole = ours(wholes);
  if (whole === 'yes') return 'yes';
  const purl = found?.purl;
  const part =
    purl === undefined
      ? 'no'
      : best([
          ...packages.map((wanted) => matchPurl(wanted, purl)),
          ...ranges.map((range) => matchVersion(range, purl)),
        ]);
  const ofProduct = products === undefined ? 'yes' : ours(products);
  if (part !== 'no' && ofProduct === 'no') return 'foreign';
  if (part !== 'no') return part === 'yes' ? ofProduct : 'maybe';
  return whole === 'no' && wholes.length > 0 ? 'foreign' : whole;
}

function matchVersion({ package: wanted, range }: VexRange, purl: string): Match {
  const named = matchPurl(wanted, purl);
  if (named === 'no') return 'no';
  const found = readPurl(purl);
  const version = found === undefined ? undefined : versionOf(found);
  const inside = version === undefined ? 'maybe' : matchRange(range, version);
  return inside === 'yes' ? named : inside;
}

function best(matches: readonly Match[]): Match {
  return matches.includes('yes') ? 'yes' : matches.includes('maybe') ? 'maybe' : 'no';
}

/** The statement that sets aside; undefined where none does, or one under which the finding counts is not older. */
function decisiveOf(matching: readonly Statement[]): Statement | undefined {
  const setting = matching.filter(({ statement }) => sets(statement));
  const latest = setting.reduce<Statement | undefined>(
    (best, one) => (best === undefined || (one.statement.at ?? 0) > (best.statement.at ?? 0) ? one : best),
    undefined,
  );
  if (latest === undefined) return undefined;
  const { at } = latest.statement;
  const outweighed = matching.some(
    ({ statement }) => !sets(statement) && (at === null || statement.at === null || statement.at >= at),
  );
  return outweighed ? undefined : latest;
}

function sets({ status }: VexStatement): boolean {
  return status === 'not_affected' || status === 'fixed';
}
