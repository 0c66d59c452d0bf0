import type { PlanChange } from '../planner/diff/diff.ts';
import type { Plan } from '../planner/ir/ir.ts';
import { markdownText } from './graph-escape.ts';
import { budgetRows, durationText, serviceRows, stackText, stageRows } from './graph-rows.ts';
import { count, matchText } from './graph-text.ts';

/**
 * The plan as a comment on a pull request: the changes first where there are any, then what would run.
 * @param languages lines about the code of a workspace, which is no part of the plan
 * @param notEnforced limits that the runtime does not enforce which would run it
 */
export function graphMarkdown(
  plan: Plan,
  changes: readonly PlanChange[] = [],
  languages: readonly string[] = [],
  notEnforced: readonly string[] = [],
): string {
  const [rows, services] = [stageRows(plan), serviceRows(plan)];
  const stack = stackText(plan);
  const { policy } = plan;
  const sla = policy.slaMs === null ? '' : `, time budget ${durationText(policy.slaMs)}`;
  const lines = [
    `### Scan plan of ${markdownText(plan.name)}, profile ${markdownText(plan.profile)}`,
    '',
    ...changeLines(changes),
    `${count(rows.length, 'scanner')}${sla}. No scanner was run.`,
    '',
    '| Stage | Target | Tool | Timeout | Network | After |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) =>
      cells([row.id, row.target, row.tool, row.timeout, row.network, row.needs.join(', ')]),
    ),
    ...(stack === undefined
      ? []
      : [
          '',
          `**Stack**: ${markdownText(stack)}`,
          '',
          '| Service | Starts | Ports | Ready when | After |',
          '|---|---|---|---|---|',
          ...services.map((row) => cells([row.id, row.starts, row.ports, row.ready, row.needs.join(', ')])),
        ]),
    '',
    `**Budgets** (${markdownText(policy.budgets.origin)})`,
    '',
    ...budgetRows(policy.budgets).map(({ scope, limits }) => item(`${scope}: ${limits}`)),
    item(`an incomplete run ${policy.onIncomplete === 'fail' ? 'fails' : 'only warns'}`),
    ...policy.waivers.map(({ match, reason, owner, expires }) =>
      item(`waived until ${expires}: ${matchText(match)} (${reason}; ${owner})`),
    ),
    ...folded(
      'Secrets given',
      [...services, ...rows].flatMap((row) => row.secrets.map((name) => `${name} to ${row.id}`)),
    ),
    ...folded(
      'Not checked',
      rows.flatMap((row) => row.notChecked.map((gap) => `${row.id}: ${gap}`)),
    ),
    ...folded('Languages', languages),
    ...folded('Excluded from scanning', plan.sourceExclude),
    ...folded(
      'Skipped',
      plan.notPlanned.map(({ tool, state, text }) => `${tool}: ${state}, ${text}`),
    ),
    ...folded('Not enforced on this runtime', notEnforced),
    ...(plan.sandbox === 'off' ? ['', '**The sandbox is disabled.**'] : []),
    '',
    `<sub>secplan ${markdownText(plan.secplan)}, plan ${plan.planDigest}</sub>`,
  ];
  return `${lines.join('\n')}\n`;
}

function changeLines(changes: readonly PlanChange[]): readonly string[] {
  if (changes.length === 0) return [];
  const weakenings = changes.filter((change) => change.class === 'weakening').length;
  return [
    weakenings === 0 ? '**No weakening.**' : `**${count(weakenings, 'weakening')}.**`,
    '',
    ...changes.map((change) => `${item(`${change.class}: ${change.text}`)}`),
    '',
  ];
}

function cells(values: readonly string[]): string {
  return `| ${values.map(markdownText).join(' | ')} |`;
}

function item(text: string): string {
  return `- ${markdownText(text)}`;
}

function folded(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [
    '',
    `<details><summary>${title} (${lines.length})</summary>`,
    '',
    ...lines.map(item),
    '',
    '</details>',
  ];
}
