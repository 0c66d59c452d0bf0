import type { Plan } from '../planner/ir/ir.ts';
import { visible } from './graph-escape.ts';
import {
  budgetRows,
  durationText,
  type ServiceRow,
  type StageRow,
  serviceRows,
  stackText,
  stageRows,
} from './graph-rows.ts';

/**
 * The plan for a terminal: scanners in order, budgets, and what is left out and why. Ends with a line feed.
 * @param languages lines about the code of a workspace, which is no part of the plan
 * @param notEnforced limits that the runtime does not enforce which would run it
 */
export function graphText(
  plan: Plan,
  languages: readonly string[] = [],
  notEnforced: readonly string[] = [],
): string {
  const rows = stageRows(plan);
  const services = serviceRows(plan);
  const lines = [
    `Plan of ${plan.name}, profile ${plan.profile}: ${count(rows.length, 'scanner')}${slaText(plan.policy)}`,
    `secplan ${plan.secplan}, ${plan.planDigest}`,
    '',
    ...stageLines(rows),
    ...stackLines(stackText(plan), services),
    '',
    ...policyLines(plan.policy),
    ...section(
      'Secrets given',
      [...services, ...rows].flatMap((row) => row.secrets.map((name) => `${name} to ${row.id}`)),
    ),
    ...section(
      'Not checked',
      rows.flatMap((row) => row.notChecked.map((gap) => `${row.id}: ${gap}`)),
    ),
    ...section('Languages', languages),
    ...section('Excluded from scanning', plan.sourceExclude),
    ...section(
      'Skipped',
      plan.notPlanned.map(({ tool, state, text }) => `${tool}: ${state}, ${text}`),
    ),
    ...section('Not enforced on this runtime', notEnforced),
    ...(plan.sandbox === 'off' ? ['', 'The sandbox is disabled.'] : []),
  ];
  return `${lines.map(visible).join('\n')}\n`;
}

function slaText(policy: Plan['policy']): string {
  if (policy.slaMs === null) return '';
  return `, time budget ${durationText(policy.slaMs)}${policy.enforceSla ? ' (enforced)' : ''}`;
}

function stageLines(rows: readonly StageRow[]): readonly string[] {
  return table([
    ['stage', 'target', 'tool', 'timeout', 'network', 'after'],
    ...rows.map((row) => [
      row.id,
      row.target,
      row.tool,
      row.timeout,
      row.network,
      row.needs.join(', ') || '-',
    ]),
  ]);
}

function stackLines(stack: string | undefined, services: readonly ServiceRow[]): readonly string[] {
  if (stack === undefined) return [];
  return [
    '',
    `Stack: ${stack}`,
    ...table([
      ['  service', 'starts', 'ports', 'ready when', 'after'],
      ...services.map((row) => [
        `  ${row.id}`,
        row.starts,
        row.ports,
        row.ready,
        row.needs.join(', ') || '-',
      ]),
    ]),
  ];
}

function policyLines(policy: Plan['policy']): readonly string[] {
  return [
    `Budgets (${policy.budgets.origin})`,
    ...table(budgetRows(policy.budgets).map(({ scope, limits }) => [`  ${scope}`, limits])),
    `  an incomplete run ${policy.onIncomplete === 'fail' ? 'fails' : 'only warns'}`,
    ...required(policy),
    ...policy.waivers.map(
      ({ match, reason, owner, expires }) =>
        `  waived until ${expires}: ${matchText(match)} (${reason}; ${owner})`,
    ),
  ];
}

function required({ coverageRequire, coverageLanguages = [] }: Plan['policy']): readonly string[] {
  const names = [...coverageRequire, ...coverageLanguages];
  return names.length > 0 ? [`  required coverage: ${names.join(', ')}`] : [];
}

export function matchText(match: Readonly<Record<string, string>>): string {
  return Object.entries(match)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

// The last column is not padded, and none beyond what still fits a screen.
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.map((row) => row.map(visible));
  const widths = shown.reduce<number[]>(
    (most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, [...cell].length)),
    [],
  );
  return shown.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max(0, Math.min(widths[at] ?? 0, 40) - [...cell].length)))
      .join('  ')
      .trimEnd(),
  );
}
