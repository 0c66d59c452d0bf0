import type { FinishedScan } from '../../../app/contract/scan-types.ts';
import type { Finding } from '../../../core/finding.ts';
import { exploitedLines as linesOf } from '../../../report/policy-lines.ts';

export { comparisonLines, unfixedLines, vexLines, waiverLines } from '../../../report/policy-lines.ts';

type Scan = Pick<FinishedScan, 'verdict' | 'findings'>;

/** Exploited findings of a scan. */
export function exploitedLines({ verdict, findings }: Scan): readonly string[] {
  return linesOf(verdict, findings);
}

/** The findings that count, in their order; those that were set aside are nothing to fix first. */
export function countedFindings({ verdict, findings }: Scan): readonly Finding[] {
  const { waivers, vex, comparison, unfixed = [] } = verdict;
  const aside = new Set([
    ...waivers.used.flatMap((waiver) => waiver.findings),
    ...(vex?.notAffected ?? []).map(({ finding }) => finding),
    ...unfixed,
  ]);
  const fresh = new Set(comparison?.new ?? []);
  const onlyNew = comparison?.with === 'ref';
  return findings.filter(
    ({ fingerprint }) => !aside.has(fingerprint) && (!onlyNew || fresh.has(fingerprint)),
  );
}
