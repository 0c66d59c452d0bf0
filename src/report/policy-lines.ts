import type { Finding } from '../core/finding.ts';
import type { UsedWaiver, Verdict } from '../policy/verdict.ts';

/** What the findings were compared with, one sentence per line; empty without a comparison. */
export function comparisonLines({ comparison }: Pick<Verdict, 'comparison'>): readonly string[] {
  if (comparison === undefined) return [];
  const { with: other, ref, baseline, gone } = comparison;
  const fresh = `${comparison.new.length} new`;
  const lines =
    other === 'ref' && ref !== undefined
      ? [
          `${fresh} since ${ref.name} (merge base ${ref.mergeBase.slice(0, 12)}); ${comparison.existing} existing, not counted`,
        ]
      : baseline !== undefined
        ? [`${fresh}, ${baseline.entries - gone} known (${baseline.path})`]
        : [`${fresh}: there is no baseline`];
  if (gone > 0)
    lines.push(`${count(gone, 'entry')} of the baseline no longer found; remove with secplan baseline prune`);
  return lines;
}

/** What VEX documents did, and where they did nothing. */
export function vexLines({ vex }: Pick<Verdict, 'vex'>): readonly string[] {
  if (vex === undefined) return [];
  return [
    ...vex.documents.map(({ path, statements, expires, expired }) => {
      const used = vex.notAffected.filter(({ document }) => document === path).length;
      const end = expires === undefined ? '' : expired ? `; expired on ${expires}` : ` until ${expires}`;
      return `${path}: ${count(statements, 'statement')}, ${count(used, 'finding')} set aside${end}`;
    }),
    ...vex.notAffected.map(
      ({ finding, ids, status, justification, statement }) =>
        `${finding.slice(0, 12)} ${ids[0] ?? ''} ${status}${[justification, statement].map((text) => (text === undefined ? '' : `: ${text}`)).join('')}`,
    ),
    ...vex.unused.map(({ document, ids, foreign }) =>
      foreign === undefined
        ? `${document}: ${ids.join(', ')} matches no finding`
        : `${document}: ${ids.join(', ')} is about ${foreign.join(', ')}, which was not scanned; if it is yours, add it to policy.products`,
    ),
  ];
}

/** Waivers: used, expired, unused, soon to expire. */
export function waiverLines({ waivers }: Pick<Verdict, 'waivers'>): readonly string[] {
  const { used, expired, unused, expiring = [] } = waivers;
  return [
    ...used.flatMap((waiver) => {
      const { findings, partly = [], expires, owner, reason } = waiver;
      const tool = waiver.match.tool ?? '';
      const left = `${count(partly.length, 'finding')} waived for ${tool} only, until ${expires} by ${owner}: other tools report the same, so it still counts`;
      return [
        ...(findings.length === 0
          ? []
          : [`${findings.length} waived until ${expires} by ${owner}: ${reason}`]),
        ...(partly.length === 0 ? [] : [left]),
      ];
    }),
    ...expired.map(
      (waiver) => `waiver of ${matchText(waiver)} expired on ${waiver.expires} and has no effect; remove it`,
    ),
    ...unused.map((waiver) => `waiver of ${matchText(waiver)} matches nothing; remove it`),
    ...expiring.map((waiver) => `waiver of ${matchText(waiver)} expires on ${waiver.expires}`),
  ];
}

/** Vulnerabilities that do not count because there is no fix. */
export function unfixedLines({ unfixed = [] }: Pick<Verdict, 'unfixed'>): readonly string[] {
  if (unfixed.length === 0) return [];
  const word = unfixed.length === 1 ? 'vulnerability has' : 'vulnerabilities have';
  return [`${unfixed.length} ${word} no fixed version yet: not counted (budgets: fixable)`];
}

/** What the lists of exploited vulnerabilities say, by the fingerprints of the findings. */
export function exploitedLines(
  { exploited }: Pick<Verdict, 'exploited'>,
  findings: readonly Finding[],
): readonly string[] {
  const byFingerprint = new Map<string, Finding>(findings.map((finding) => [finding.fingerprint, finding]));
  return (exploited?.findings ?? [])
    .filter((one) => one.exploited)
    .map(({ finding, ids, kev, epss }) => {
      const name = byFingerprint.get(finding)?.package?.name ?? finding.slice(0, 12);
      return `${name} ${ids.join(', ')}${kev ? ' is known to be exploited' : ''}${epss === null ? '' : ` (EPSS ${epss})`}`;
    });
}

/** How the gate classified single findings, in words, by fingerprint. */
export function findingMarks({
  comparison,
  waivers,
  vex,
  exploited,
  unfixed = [],
}: Verdict): ReadonlyMap<string, readonly string[]> {
  const marks = new Map<string, string[]>();
  const mark = (finding: string, text: string): void => {
    const known = marks.get(finding);
    if (known === undefined) marks.set(finding, [text]);
    else known.push(text);
  };
  if (comparison !== undefined && comparison.with !== 'nothing')
    for (const finding of comparison.new) mark(finding, 'new');
  for (const waiver of waivers.used)
    for (const finding of waiver.findings) mark(finding, `waived until ${waiver.expires} by ${waiver.owner}`);
  for (const { finding, status, justification, document } of vex?.notAffected ?? [])
    mark(finding, `${status}${justification === undefined ? '' : ` (${justification})`} by ${document}`);
  for (const finding of unfixed) mark(finding, 'no fix yet, not counted');
  for (const { finding, kev, epss } of exploited?.findings ?? [])
    mark(finding, `${kev ? 'known to be exploited' : 'EPSS'}${epss === null ? '' : ` ${epss}`}`);
  return marks;
}

function matchText({ match }: Pick<UsedWaiver, 'match'>): string {
  return Object.entries(match)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function count(number: number, word: string): string {
  if (number === 1) return `1 ${word}`;
  return `${number} ${word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`}`;
}
