import type { BudgetLimits, Budgets } from '../compiler/model/model.ts';
import { byCodeUnit } from '../core/canonical.ts';
import { textsOf } from '../core/gap.ts';
import { SEVERITIES } from '../core/severity.ts';
import { unreachable } from '../core/unreachable.ts';
import { stageGraph, topologicalOrder } from '../planner/graph/graph.ts';
import {
  isToolStage,
  type Network,
  type Plan,
  type PlannedProvider,
  type ServiceStage,
  type Stage,
} from '../planner/ir/ir.ts';

/** A scanner's stage in words, not yet escaped for any format. */
export interface StageRow {
  readonly id: string;
  readonly category: string;
  readonly target: string;
  /** Provider and version, and what is to be known of them. */
  readonly tool: string;
  readonly timeout: string;
  readonly network: string;
  /** Scanners that come first. */
  readonly needs: readonly string[];
  readonly secrets: readonly string[];
  readonly notChecked: readonly string[];
}

/** The plan's stages so that each comes after all it needs. */
export function orderedStages(plan: Plan): readonly Stage[] {
  const byId = new Map<string, Stage>(plan.stages.map((stage) => [stage.id, stage]));
  const order = topologicalOrder(stageGraph(plan.stages)) ?? [];
  return order.flatMap((id) => byId.get(id) ?? []);
}

/** The plan's scanners in the order in which they could run. */
export function stageRows(plan: Plan): readonly StageRow[] {
  return orderedStages(plan)
    .filter(isToolStage)
    .map((stage) => ({
      id: stage.id,
      category: stage.category,
      target:
        stage.target.path === undefined ? stage.target.name : `${stage.target.name} (${stage.target.path})`,
      tool: providerText(stage.providers[0]),
      timeout: durationText(stage.timeoutMs),
      network: networkText(stage.network),
      needs: stage.needs,
      secrets: stage.secrets,
      notChecked: textsOf(stage.notChecked),
    }));
}

/** A service of the stack in words. */
export interface ServiceRow {
  readonly id: string;
  /** What is started. */
  readonly starts: string;
  readonly ports: string;
  readonly ready: string;
  readonly needs: readonly string[];
  readonly secrets: readonly string[];
}

/** The plan's services in the order in which they could start. */
export function serviceRows(plan: Plan): readonly ServiceRow[] {
  return orderedStages(plan).flatMap((stage) => (stage.kind === 'service' ? serviceRow(stage) : []));
}

function serviceRow(stage: ServiceStage): ServiceRow {
  const { id, image, build, localCommand, builtIn, ports, health, needs, secrets } = stage;
  const starts = [
    ...(builtIn === undefined ? [] : ['placeholder of secplan']),
    ...(image === undefined ? [] : [image]),
    ...(build === undefined ? [] : [`built from ${build}`]),
    ...(localCommand === undefined ? [] : [localCommand.join(' ')]),
  ].join(', or ');
  const ready = `${healthText(health.check)} in ${durationText(health.timeoutMs)}`;
  return { id, starts, ports: ports.join(', '), ready, needs, secrets };
}

function healthText(check: ServiceStage['health']['check']): string {
  switch (check.kind) {
    case 'http':
      return `GET ${check.path} on ${check.port}`;
    case 'tcp':
      return `port ${check.port} open`;
    case 'command':
      return check.command.join(' ');
    case 'alive':
      return 'running';
    default:
      return unreachable(check);
  }
}

/** What stages of network `stack` talk to, in one sentence without a full stop; undefined where none does. */
export function stackText({ stack }: Plan): string | undefined {
  if (stack === undefined) return undefined;
  const { from, base, required } = stack;
  const at =
    base === undefined ? '' : 'url' in base ? ` at ${base.url}` : `, base ${base.service}:${base.port}`;
  const what = { services: 'its own services', reuse: 'already running', placeholder: 'a placeholder' };
  return `${what[from]}${at}${required ? ', required by the profile' : ''}`;
}

function providerText(planned: PlannedProvider | undefined): string {
  if (planned === undefined) return 'no provider';
  const { provider, version, digest } = planned;
  const remarks = [
    provider.standsInAs === undefined ? [] : [`as ${provider.standsInAs}`],
    provider.thirdParty === undefined ? [] : [`third party: ${provider.thirdParty}`],
    // What a custom stage or PATH gives has no package to pin.
    digest === null && provider.kind !== 'path' ? ['unpinned'] : [],
  ].flat();
  const name = version === null ? provider.name : `${provider.name} ${version}`;
  return remarks.length === 0 ? name : `${name} (${remarks.join(', ')})`;
}

export function networkText(network: Network): string {
  return typeof network === 'string' ? network : `egress: ${network.egress.join(', ')}`;
}

/** Milliseconds as people say them. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** Each budget as scope and limits, overall first. */
export function budgetRows(budgets: Budgets): readonly { readonly scope: string; readonly limits: string }[] {
  const scoped = (kind: string, limits: Readonly<Record<string, BudgetLimits | undefined>>) =>
    Object.keys(limits)
      .sort(byCodeUnit)
      .map((name) => ({ scope: `${kind} ${name}`, limits: limitsText(limits[name] ?? {}) }));
  return [
    { scope: 'overall', limits: limitsText(budgets.overall) },
    ...scoped('tool', budgets.perTool),
    ...scoped('category', budgets.perCategory),
    ...scoped('target', budgets.perTarget),
  ];
}

function limitsText(limits: BudgetLimits): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const limit = limits[severity];
    return limit === undefined ? [] : [`${severity} ${limit}`];
  });
  return parts.length === 0 ? 'unlimited' : `at most ${parts.join(', ')}`;
}
