import { matchesGlob } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';

/** What a list of findings is narrowed to; every member given must match. */
export interface FindingFilter {
  /** The lowest severity that is listed. */
  readonly lowest?: Severity;
  readonly tools?: readonly string[];
  /** A rule's id, of any account. */
  readonly rule?: string;
  /** A path, a folder, or a glob with `*` and `**`. */
  readonly path?: string;
  readonly category?: string;
  /** How the gate saw it. */
  readonly state?: 'new' | 'known' | 'waived';
}

/** The findings of a bundle that match, in their order. */
export function filterFindings(
  { findings, verdict }: Pick<BundleContent, 'findings' | 'verdict'>,
  { lowest, tools, rule, path, category, state }: FindingFilter,
): readonly Finding[] {
  const waived = new Set(verdict.waivers.used.flatMap((waiver) => waiver.findings));
  const fresh = new Set(verdict.comparison?.new ?? []);
  const inState = ({ fingerprint }: Finding): boolean => {
    if (state === 'waived') return waived.has(fingerprint);
    // Without a comparison nothing is known from before.
    if (state === 'new') return verdict.comparison === undefined || fresh.has(fingerprint);
    return verdict.comparison !== undefined && !fresh.has(fingerprint);
  };
  return findings.filter(
    (finding) =>
      (lowest === undefined || compareSeverity(finding.severity, lowest) <= 0) &&
      (tools === undefined || finding.accounts.some(({ tool }) => tools.includes(tool))) &&
      (rule === undefined || hasRule(finding, rule)) &&
      (path === undefined || liesIn(finding, path)) &&
      (category === undefined || finding.category === category) &&
      (state === undefined || inState(finding)),
  );
}

/** Whether the merged finding or one of its accounts has this rule. */
export function hasRule({ rule, accounts }: Finding, id: string): boolean {
  return rule.id === id || accounts.some((account) => account.rule.id === id);
}

function liesIn({ span }: Finding, path: string): boolean {
  if (span === undefined) return false;
  const plain = path.replace(/^\.\//, '').replace(/\/$/, '');
  return span.path === plain || span.path.startsWith(`${plain}/`) || matchesGlob(span.path, plain);
}
