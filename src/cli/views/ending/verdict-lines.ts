import { SEVERITIES } from '../../../core/severity.ts';
import type { BudgetLine } from '../../../policy/budgets.ts';
import { requiredReasons } from '../../../policy/required.ts';
import { unexaminedReason } from '../../../policy/unexamined.ts';
import type { Verdict } from '../../../policy/verdict.ts';
import type { Paint } from '../../shared/paint.ts';
import { duration } from '../stage-line.ts';

const OUTCOME_STYLE = { pass: 'green', fail: 'red', incomplete: 'yellow' } as const;

/** The verdict in one line: the word, then every reason for it. */
export function headline(verdict: Verdict, totalMs: number, paint: Paint): string {
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
  if (verdict.unexamined !== undefined) reasons.push(unexaminedReason(verdict.unexamined));
  reasons.push(...requiredReasons(verdict.coverage));
  const done = verdict.coverage.entries.filter((entry) => entry.state === 'done');
  // A probe has no category: it shows that something answers.
  const ran = done.filter((entry) => entry.category !== null).length;
  if (ran === 0) reasons.push(done.length === 0 ? 'no scanner finished' : 'only a probe ran');
  if (reasons.length === 0) reasons.push(`${scannersText(ran)} ran; no budget exceeded`);
  if (verdict.partial) reasons.push('partial: some scanners were skipped');
  if (verdict.sla?.exceeded)
    reasons.push(`took ${duration(totalMs)} (time budget ${duration(verdict.sla.limitMs)})`);
  return `${word} ${reasons.join('; ')}`;
}

function scannersText(count: number): string {
  return count === 1 ? '1 scanner' : `${count} scanners`;
}

function scopeOf(line: BudgetLine): string {
  return line.scope === 'overall' ? '' : `${line.scope}: `;
}

/** Counts against budgets in one line: `critical 5 of 0, high 2 of 5, medium 26, low 66`. Those that are exceeded are red. */
export function budgetLine(verdict: Verdict, paint: Paint): string {
  const overall = new Map(
    verdict.budgets.filter((line) => line.scope === 'overall').map((line) => [line.severity, line]),
  );
  const parts = SEVERITIES.map((severity) =>
    budgetText(severity, verdict.counts.overall[severity], overall.get(severity), paint),
  );
  const any = overall.get('any');
  const further = [
    ...(any === undefined ? [] : [any]),
    ...verdict.budgets.filter((line) => line.scope !== 'overall'),
  ].map((line) => budgetText(nameOf(line), line.count, line, paint));
  return `${paint('bold', 'Budgets')}  ${[...parts, ...further].join(', ')} (${verdict.budgetsFrom})`;
}

function nameOf({ scope, severity }: BudgetLine): string {
  if (scope === 'overall') return 'all';
  return severity === 'any' ? scope : `${scope} ${severity}`;
}

function budgetText(name: string, count: number, line: BudgetLine | undefined, paint: Paint): string {
  const text = line === undefined ? `${name} ${count}` : `${name} ${count} of ${line.limit}`;
  return line?.exceeded ? paint('red', text) : text;
}
