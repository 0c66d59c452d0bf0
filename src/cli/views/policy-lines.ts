import type { FinishedScan } from '../../app/contract/scan-types.ts';
import type { Finding } from '../../core/finding.ts';
import { exploitedLines as linesOf } from '../../report/policy-lines.ts';

export { comparisonLines, vexLines, waiverLines } from '../../report/policy-lines.ts';

type Scan = Pick<FinishedScan, 'verdict' | 'findings'>;

/** Exploited findings of a scan. */
export function exploitedLines({ verdict, findings }: Scan): readonly string[] {
  return linesOf(verdict, findings);
}

/** The findings that count, exploited ones first, then new ones; those that were set aside are nothing to fix first. */
export function countedFirst({ verdict, findings }: Scan): readonly Finding[] {
  const { waivers, vex, exploited, comparison } = verdict;
  const aside = new Set([
    ...waivers.used.flatMap((waiver) => waiver.findings),
    ...(vex?.notAffected ?? []).map(({ finding }) => finding),
  ]);
  const urgent = new Set(
    (exploited?.findings ?? []).filter((one) => one.exploited).map(({ finding }) => finding),
  );
  const fresh = new Set(comparison?.new ?? []);
  const onlyNew = comparison?.with === 'ref';
  const rank = ({ fingerprint }: Finding): number =>
    (urgent.has(fingerprint) ? 0 : 2) + (comparison !== undefined && !fresh.has(fingerprint) ? 1 : 0);
  return findings
    .filter(({ fingerprint }) => !aside.has(fingerprint) && (!onlyNew || fresh.has(fingerprint)))
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => rank(a.finding) - rank(b.finding) || a.index - b.index)
    .map(({ finding }) => finding);
}
