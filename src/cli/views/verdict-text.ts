import { relative } from 'node:path';
import type { FinishedScan } from '../../app/contract/scan-types.ts';
import type { Finding } from '../../core/finding.ts';
import { textsOf } from '../../core/gap.ts';
import { SEVERITIES, type Severity } from '../../core/severity.ts';
import type { BudgetLine } from '../../policy/budgets.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { clip, type Paint, printable } from '../shared/paint.ts';
import { deliveryLines, isPromised } from './delivery-lines.ts';
import { comparisonLines, countedFirst, exploitedLines, vexLines, waiverLines } from './policy-lines.ts';

const TOP = 10;

const OUTCOME_STYLE = { pass: 'green', fail: 'red', incomplete: 'yellow' } as const;
const SEVERITY_STYLE = { critical: 'red', high: 'red', medium: 'yellow', low: 'blue', info: 'gray' } as const;

/** How a run ends: the verdict first, then why, what did not run, what to fix first, where all of it is, what to do next. */
export function verdictText(
  scan: Pick<FinishedScan, 'verdict' | 'findings' | 'bundleDir' | 'results' | 'summary'> &
    Partial<Pick<FinishedScan, 'signature' | 'delivery'>>,
  cwd: string,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): string {
  const { verdict } = scan;
  return [
    headline(verdict, paint),
    budgetTable(verdict, paint),
    notRun(verdict, paint, width),
    list('Not checked', textsOf(verdict.coverage.notChecked), { paint, width }),
    list('Tool notes', textsOf(verdict.coverage.notes), { paint, width, most: 5 }),
    thirdParties(scan, paint, width),
    list('New and known', comparisonLines(verdict), { paint, width }),
    list('Exploited', exploitedLines(scan), { paint, width }),
    list('Waivers', waiverLines(verdict), { paint, width }),
    list('Not affected (VEX)', vexLines(verdict), { paint, width }),
    fixFirst(countedFirst(scan), paint, width),
    closing(scan, cwd, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headline(verdict: Verdict, paint: Paint): string {
  const word = paint(
    ['bold', 'inverse', OUTCOME_STYLE[verdict.outcome]],
    ` ${verdict.outcome.toUpperCase()} `,
  );
  const exceeded = verdict.budgets.filter((line) => line.exceeded);
  const reasons = exceeded.map(
    (line) =>
      `${scopeOf(line)}${line.count}${line.severity === 'any' ? '' : ` ${line.severity}`} ${line.count === 1 ? 'finding' : 'findings'} (budget ${line.limit})`,
  );
  if (verdict.incomplete.length > 0) reasons.push(`${scannersText(verdict.incomplete.length)} incomplete`);
  for (const name of verdict.coverage.requiredMissing)
    reasons.push(`${name} is required, but no scanner covered it`);
  const done = verdict.coverage.entries.filter((entry) => entry.state === 'done');
  // A probe has no category: it shows that something answers.
  const ran = done.filter((entry) => entry.category !== null).length;
  if (ran === 0) reasons.push(done.length === 0 ? 'no scanner finished' : 'only a probe ran');
  if (reasons.length === 0) reasons.push(`${scannersText(ran)} ran; no budget exceeded`);
  if (verdict.partial) reasons.push('partial: some scanners were skipped');
  return `${word} ${reasons.join('; ')}`;
}

function scannersText(count: number): string {
  return count === 1 ? '1 scanner' : `${count} scanners`;
}

function scopeOf(line: BudgetLine): string {
  return line.scope === 'overall' ? '' : `${line.scope}: `;
}

function budgetTable(verdict: Verdict, paint: Paint): string {
  const overall = new Map(
    verdict.budgets.filter((line) => line.scope === 'overall').map((line) => [line.severity, line]),
  );
  const rows = SEVERITIES.map((severity) => {
    const count = verdict.counts.overall[severity];
    const line = overall.get(severity);
    return row('overall', severity, { count, limit: line }, paint);
  });
  const scoped = verdict.budgets
    .filter((line) => line.scope !== 'overall')
    .map((line) => row(line.scope, line.severity, { count: line.count, limit: line }, paint));
  return [`${paint('bold', 'Budgets')} (${verdict.budgetsFrom})`, ...rows, ...scoped].join('\n');
}

function row(
  scope: string,
  severity: Severity | 'any',
  { count, limit: line }: { readonly count: number; readonly limit: BudgetLine | undefined },
  paint: Paint,
): string {
  const limit = line === undefined ? 'no limit' : `of ${line.limit}`;
  const mark = line?.exceeded ? paint('red', `over by ${count - line.limit}`) : '';
  const name = scope === 'overall' ? severity : severity === 'any' ? scope : `${scope} ${severity}`;
  return `  ${name.padEnd(16)} ${String(count).padStart(6)}  ${limit.padEnd(10)} ${mark}`.trimEnd();
}

function notRun(verdict: Verdict, paint: Paint, width: number): string {
  // What the profile promises and this version lacks is no choice of the user's: it is listed like a failure.
  const entries = verdict.coverage.entries.filter(
    ({ state, notRun: why }) => state !== 'done' && (state !== 'disabled' || why?.kind === 'not-in-version'),
  );
  if (entries.length === 0) return '';
  const column = Math.max(...entries.map((entry) => entry.id.length));
  const lines = entries.map((entry) => {
    const state = entry.state === 'incomplete' ? paint('yellow', 'incomplete') : entry.state;
    const room = Math.min(160, width - column - entry.state.length - 6);
    return `  ${entry.id.padEnd(column)}  ${state}: ${clip(printable(entry.detail), room)}`;
  });
  return [paint('bold', `Did not run (${entries.length})`), ...lines].join('\n');
}

/** Where a list is printed, and how many lines of it at most. */
interface ListPlace {
  readonly paint: Paint;
  readonly width: number;
  readonly most?: number;
}

function list(title: string, lines: readonly string[], { paint, width, most = 20 }: ListPlace): string {
  if (lines.length === 0) return '';
  const rest = lines.length - most;
  const shown = lines.slice(0, most).map((line) => `  ${clip(printable(line), Math.min(160, width - 2))}`);
  return [
    paint('bold', `${title} (${lines.length})`),
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more in summary.json`] : []),
  ].join('\n');
}

function thirdParties({ results }: Pick<FinishedScan, 'results'>, paint: Paint, width: number): string {
  const lines = results.flatMap((result) => {
    if (result.state !== 'done') return [];
    const { toolUsed } = result;
    const odd = [
      ...(toolUsed.thirdParty === null ? [] : [`third-party package: ${toolUsed.thirdParty}`]),
      ...(toolUsed.pinned ? [] : ['not pinned by tools.lock.json']),
    ];
    return odd.length === 0
      ? []
      : [
          `${result.stage}: ${toolUsed.name} ${toolUsed.version ?? ''} ${odd.join(', ')}`.replace(
            / {2,}/g,
            ' ',
          ),
        ];
  });
  return list('Third-party or unpinned tools', lines, { paint, width });
}

function fixFirst(findings: readonly Finding[], paint: Paint, width: number): string {
  const first = findings.slice(0, TOP);
  if (first.length === 0) return '';
  const lines = first.map((finding, index) => {
    const tools = [...new Set(finding.accounts.map((account) => account.tool))].join('+');
    const severity = paint(SEVERITY_STYLE[finding.severity], finding.severity.padEnd(8));
    const head = `${String(index + 1).padStart(4)}  ${severity} ${printable(placeOf(finding))}`;
    const source = `${printable(finding.rule.id)} ${tools}`;
    const message = clip(printable(finding.message), Math.max(20, Math.min(110, width - source.length - 8)));
    return `${head}\n      ${paint('gray', source)}  ${message}`;
  });
  const rest = findings.length - first.length;
  return [
    paint('bold', 'Fix first'),
    ...lines,
    ...(rest > 0 ? [`  … and ${rest} more in findings.sarif`] : []),
  ].join('\n');
}

/** `app/x.py:12`, `lodash@4.17.20`, or the target. */
export function placeOf(finding: Finding): string {
  if (finding.package !== undefined)
    return `${finding.package.name}${finding.package.version === undefined ? '' : `@${finding.package.version}`}`;
  if (finding.span === undefined) return finding.target;
  return finding.span.startLine === undefined
    ? finding.span.path
    : `${finding.span.path}:${finding.span.startLine}`;
}

function closing(
  scan: Pick<FinishedScan, 'verdict' | 'findings' | 'bundleDir' | 'summary'> &
    Partial<Pick<FinishedScan, 'signature' | 'delivery'>>,
  cwd: string,
  paint: Paint,
): string {
  const near = relative(cwd, scan.bundleDir);
  const where = near === '' || near.startsWith('..') ? scan.bundleDir : near;
  return [
    `${paint('bold', 'Bundle')}  ${where} (${scan.summary.artifacts.length} files; open report.html)`,
    ...signatureLine(scan, paint),
    ...deliveryLines(scan.delivery, scan.verdict.coverage, paint),
    `${paint('bold', 'Next')}    ${paint('cyan', nextCommand(scan))}`,
  ].join('\n');
}

/** Said where a signature was made, failed, or was promised by the profile. */
function signatureLine(
  { signature, verdict }: Pick<FinishedScan, 'verdict'> & Partial<Pick<FinishedScan, 'signature'>>,
  paint: Paint,
): string[] {
  const missing = paint('yellow', 'Not signed');
  if (signature?.state === 'signed')
    return [`${paint('bold', 'Signed')}  by ${printable(signature.by)}; \`secplan verify --key\` checks it`];
  if (signature?.state === 'failed') return [`${missing}: ${printable(signature.why)}`];
  const promised = isPromised(verdict.coverage, 'signature');
  return promised ? [`${missing}: the profile promises it and the manifest has no evidence.sign`] : [];
}

/** The one command that helps most from here. */
function nextCommand(scan: Pick<FinishedScan, 'verdict' | 'findings'>): string {
  const { verdict } = scan;
  const [missing] = verdict.incomplete;
  if (verdict.outcome === 'incomplete')
    return missing === undefined ? 'secplan plan' : `secplan why ${missing}`;
  const [first] = countedFirst(scan);
  return first === undefined ? 'secplan golden update' : `secplan explain ${first.fingerprint.slice(0, 12)}`;
}
