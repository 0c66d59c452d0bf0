import type { Finding } from '../core/finding.ts';
import type { Digest } from '../core/ids.ts';
import { endOfDay } from './day.ts';
import { purlMatches } from './purl.ts';

export type VexStatus = 'not_affected' | 'fixed' | 'under_investigation' | 'affected';

/** One statement, from OpenVEX or CycloneDX alike. */
export interface VexStatement {
  /** The vulnerability's id and its aliases. */
  readonly ids: readonly string[];
  /** Package URLs that it is about. */
  readonly packages: readonly string[];
  readonly status: VexStatus;
  readonly justification?: string;
  /** What its author says in words. */
  readonly statement?: string;
  /** When it was made, milliseconds since the epoch; null where the document has no time. */
  readonly at: number | null;
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
  readonly unused: readonly { readonly document: VexDocument; readonly statement: VexStatement }[];
}

/** Whether the policy still believes a document. `at` is milliseconds since the epoch. */
export function isBelieved({ expires }: VexDocument, at: number): boolean {
  return expires === undefined || at < endOfDay(expires);
}

/**
 * Sets aside findings that a believed statement calls not affected or fixed. Of several statements on one finding the
 * latest decides (OpenVEX, "status transitions"); of two of one time, or without one, the one under which it counts.
 * A statement made after `at` is ignored.
 */
export function applyVex(
  findings: readonly Finding[],
  documents: readonly VexDocument[],
  at: number,
): VexResult {
  const believed = documents.filter((document) => isBelieved(document, at));
  const byId = new Map<string, { document: VexDocument; statement: VexStatement }[]>();
  for (const document of believed) {
    for (const statement of document.statements) {
      for (const id of new Set(statement.ids.map((text) => text.toUpperCase()))) {
        const list = byId.get(id);
        if (list === undefined) byId.set(id, [{ document, statement }]);
        else list.push({ document, statement });
      }
    }
  }
  const used = new Set<VexStatement>();
  const counted: Finding[] = [];
  const notAffected: NotAffected[] = [];
  for (const finding of findings) {
    const matching = statementsOn(finding, byId).filter(({ statement }) => (statement.at ?? 0) <= at);
    for (const { statement } of matching) used.add(statement);
    const decisive = matching.reduce<(typeof matching)[number] | undefined>(
      (best, one) => (best === undefined || outweighs(one.statement, best.statement) ? one : best),
      undefined,
    );
    if (decisive !== undefined && sets(decisive.statement)) notAffected.push({ finding, ...decisive });
    else counted.push(finding);
  }
  return {
    counted,
    notAffected,
    expired: documents.filter((document) => !isBelieved(document, at)),
    unused: believed.flatMap((document) =>
      document.statements
        .filter((statement) => !used.has(statement))
        .map((statement) => ({ document, statement })),
    ),
  };
}

function statementsOn<T extends { readonly statement: VexStatement }>(
  finding: Finding,
  byId: ReadonlyMap<string, readonly T[]>,
): readonly T[] {
  const purl = finding.package?.purl;
  if (finding.kind !== 'vulnerability' || purl === undefined) return [];
  const ids = new Set([...finding.advisories, finding.rule.id].map((id) => id.toUpperCase()));
  return [...new Set([...ids].flatMap((id) => byId.get(id) ?? []))].filter(({ statement }) =>
    statement.packages.some((wanted) => purlMatches(wanted, purl)),
  );
}

function outweighs(one: VexStatement, other: VexStatement): boolean {
  const [a, b] = [one.at ?? 0, other.at ?? 0];
  return a !== b ? a > b : !sets(one) && sets(other);
}

function sets({ status }: VexStatement): boolean {
  return status === 'not_affected' || status === 'fixed';
}
