import { byCodeUnit } from '../../../core/canonical.ts';
import type { Finding } from '../../../core/finding.ts';
import { SEVERITIES, type Severity } from '../../../core/severity.ts';
import type { CoverageEntry } from '../../../policy/coverage.ts';
import { clip, type Paint, printable } from '../../shared/paint.ts';
import { duration } from '../stage-line.ts';
import { type EndedScan, type Ending, layoutWidth, NARROW, SEVERITY_STYLE } from './ending.ts';

const WIDEST_NAME = 18;

type Counts = Readonly<Partial<Record<Severity, number>>>;

/**
 * A row a scanner: what it looked at, what it found, how long it took; then what gave no result. `room` lines at most, but
 * two of each kind; those that do not fit are joined to one line, scanners without findings first.
 */
export function scannerRows(scan: EndedScan, ending: Ending, room: number): string {
  const { entries } = scan.verdict.coverage;
  const done = entries.filter(({ state }) => state === 'done');
  const incomplete = entries.filter(({ state }) => state === 'incomplete');
  const names = [...done, ...incomplete].map(({ id }) => printable(id).length);
  const column = Math.min(WIDEST_NAME, Math.max(0, ...names));
  const half = Math.max(2, Math.floor(room / 2));
  const failed = incompleteRows(incomplete, { ending, column, most: Math.max(half, room - done.length) });
  const rows = doneRows(done, scan, { ending, column, most: Math.max(2, room - failed.length) });
  return [...rows, ...failed, ...notRunLines(entries, ending)].join('\n');
}

interface Columns {
  readonly ending: Ending;
  /** Width of the names. */
  readonly column: number;
  /** Lines. */
  readonly most: number;
}

function doneRows(
  done: readonly CoverageEntry[],
  scan: EndedScan,
  { ending, column, most }: Columns,
): string[] {
  const counts = countsOf(scan.findings);
  const order = (entry: CoverageEntry): number => rankOf(counts.get(entry.id));
  const all = ending.detail === 'verbose';
  const sorted = [...done].sort((a, b) => order(b) - order(a) || byCodeUnit(a.id, b.id));
  const shown = all || sorted.length <= most ? sorted : sorted.slice(0, most - 1);
  const rest = sorted.slice(shown.length);
  const { paint } = ending;
  const rows = shown.map((entry) => {
    const name = clip(printable(entry.id), column).padEnd(column);
    const found = countsText(counts.get(entry.id), paint);
    if (layoutWidth(ending) < NARROW) return `${name} ${found}`;
    const cells = [examinedText(entry).padStart(14), timeText(entry, scan).padStart(9)];
    return `${name} ${cells.join('  ')}   ${found}`;
  });
  if (rest.length === 0) return rows;
  const names = rest.map(({ id }) => printable(id)).join(', ');
  const found = rest.some(({ id }) => counts.has(id)) ? '' : ' without findings';
  return [...rows, clip(`and ${rest.length} more${found}: ${names}`, layoutWidth(ending))];
}

/** Findings of a stage by severity, as that stage's own accounts rate them. */
function countsOf(findings: readonly Finding[]): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Record<string, number>>();
  for (const { accounts } of findings) {
    for (const { stage, severity } of accounts) {
      const own = counts.get(stage) ?? {};
      own[severity] = (own[severity] ?? 0) + 1;
      counts.set(stage, own);
    }
  }
  return counts;
}

function rankOf(counts: Counts | undefined): number {
  if (counts === undefined) return -1;
  return SEVERITIES.reduce((rank, severity) => rank * 1000 + Math.min(counts[severity] ?? 0, 999), 0);
}

function countsText(counts: Counts | undefined, paint: Paint): string {
  if (counts === undefined) return 'no findings';
  return SEVERITIES.flatMap((severity) => {
    const count = counts[severity];
    return count === undefined ? [] : [paint(SEVERITY_STYLE[severity], `${count} ${severity}`)];
  }).join(', ');
}

/** How much it looked at; the evidence for that follows in parentheses. */
function examinedText({ detail }: CoverageEntry): string {
  return clip(printable(detail.replace(/ \(.*/s, '')), 14);
}

function timeText({ id }: CoverageEntry, { summary }: EndedScan): string {
  if (summary.tools.some(({ stage, cached }) => stage === id && cached)) return 'cached';
  const ms = summary.durations.stages[id];
  return ms === undefined ? '' : duration(ms);
}

function incompleteRows(incomplete: readonly CoverageEntry[], { ending, column, most }: Columns): string[] {
  const { paint, detail } = ending;
  const all = detail === 'verbose' || incomplete.length <= most;
  const shown = all ? incomplete : incomplete.slice(0, most - 1);
  const rest = incomplete.length - shown.length;
  const room = layoutWidth(ending) - column - 13;
  return [
    ...shown.map((entry) => {
      const name = clip(printable(entry.id), column).padEnd(column);
      return `${name} ${paint('yellow', 'incomplete')}: ${clip(printable(entry.detail), Math.max(20, room))}`;
    }),
    ...(rest === 0 ? [] : [paint('yellow', `and ${rest} more incomplete: see --verbose or report.html`)]),
  ];
}

/** Scanners that had nothing to do or were left out, in one line. What this version lacks is not the user's choice. */
function notRunLines(entries: readonly CoverageEntry[], ending: Ending): string[] {
  const states = ['not-applicable', 'skipped', 'excluded'] as const;
  const lacking = entries.filter(
    ({ state, notRun }) => state === 'disabled' && notRun?.kind === 'not-in-version',
  );
  if (ending.detail === 'verbose') {
    const left = entries.filter(({ state }) => (states as readonly string[]).includes(state));
    return [...left, ...lacking].map(
      ({ id, state, detail }) => `${printable(id)} ${state}: ${printable(detail)}`,
    );
  }
  const parts = [
    ...states.map(
      (state) => [state.replace('-', ' '), entries.filter((entry) => entry.state === state)] as const,
    ),
    ['not in this version', lacking] as const,
  ].flatMap(([label, of]) =>
    of.length === 0 ? [] : [`${label}: ${of.map(({ id }) => printable(id)).join(', ')}`],
  );
  return parts.length === 0 ? [] : [clip(parts.join('; '), layoutWidth(ending))];
}
