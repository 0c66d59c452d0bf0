import type { DisabledTool, ModelService, ModelStack, ModelTarget } from '../../compiler/model/model.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import { artifactId, type StageId, stageId } from '../../core/ids.ts';
import { type NotRun, notRunText } from '../../core/not-run.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import type { Network, PlannedStack, ServiceStage } from '../ir/ir.ts';
import type { Draft, DraftTool, PlanContext } from './draft.ts';
import { startedScripts } from './started-scripts.ts';

/**
 * Adds the services that stages talk to. A stage of an HTTP target needs the target's service, any other stage of
 * network `stack` all of them; a service that no stage needs is not in the plan.
 */
export function addServices(draft: Draft, context: PlanContext): Outcome<Draft> {
  const { model } = draft;
  const { stack } = model;
  const targets = new Map(model.targets.map((target) => [`${target.kind} ${target.name}`, target]));
  const targetOf = ({ stage }: DraftTool) => targets.get(`${stage.target.kind} ${stage.target.name}`);
  const notPlanned: DisabledTool[] = draft.notPlanned.map((one) =>
    isOfHttp(one, draft, context) ? onlyPlaceholder(one) : one,
  );
  const tools = draft.tools.flatMap((node) => {
    if (stack?.from !== 'placeholder' || node.stage.target.kind !== 'http' || node.entry.requires.placeholder)
      return networked(node, targetOf(node));
    notPlanned.push(onlyPlaceholder({ tool: node.tool.id, state: 'not-applicable' }));
    return [];
  });
  const users = tools.filter(({ stage }) => stage.network === 'stack');
  if (stack === undefined || users.length === 0) return success({ ...draft, tools, notPlanned });
  const names = new Map(stack.services.map((service) => [service.name, service]));
  const wanted = users.map((node) => ({ node, services: servicesOf(targetOf(node), stack) }));
  const needed = withDependencies([...new Set(wanted.flatMap(({ services }) => services))], names);
  const needs = new Map(wanted.map(({ node, services }) => [node, services.map(serviceId)]));
  return success({
    ...draft,
    notPlanned,
    tools: tools.map((node) => {
      const more = needs.get(node) ?? [];
      if (more.length === 0) return node;
      return {
        ...node,
        stage: { ...node.stage, needs: [...new Set([...node.stage.needs, ...more])].sort(byCodeUnit) },
      };
    }),
    services: needed.map((service) => serviceStage(service, stack, context)),
    stack: plannedStack(stack, model.targets, model.requiresStack),
  });
}

function onlyPlaceholder({ tool, state }: Pick<DisabledTool, 'tool' | 'state'>): DisabledTool {
  const reason: NotRun = { kind: 'placeholder-only' };
  return { tool, state, reason, text: notRunText(reason) };
}

/** A scanner of HTTP targets for which the placeholder lacks something, for example a description of its API. */
function isOfHttp({ tool, state }: DisabledTool, { model }: Draft, { catalogue }: PlanContext): boolean {
  const ofHttp = catalogue.get(tool)?.requires.target === 'http';
  return model.stack?.from === 'placeholder' && state === 'not-applicable' && ofHttp;
}

/** An HTTP target is itself what its stages may reach: the stack, or the host of its URL. */
function networked(plain: DraftTool, target: ModelTarget | undefined): DraftTool {
  const { placeholder } = plain.entry.requires;
  const node = placeholder ? { ...plain, stage: { ...plain.stage, probe: true as const } } : plain;
  if (target?.kind !== 'http' || node.tool.network !== undefined) return node;
  const { url, service } = target.details;
  const host = typeof url === 'string' ? URL.parse(url)?.host : undefined;
  const network: Network | undefined =
    typeof service === 'string' ? 'stack' : host === undefined ? undefined : { egress: [host] };
  return network === undefined ? node : { ...node, stage: { ...node.stage, network } };
}

function servicesOf(target: ModelTarget | undefined, stack: ModelStack): readonly string[] {
  if (stack.from === 'reuse') return [];
  const service = target?.kind === 'http' ? target.details.service : undefined;
  return typeof service === 'string' ? [service] : stack.services.map(({ name }) => name);
}

function withDependencies(
  names: readonly string[],
  known: ReadonlyMap<string, ModelService>,
): readonly ModelService[] {
  const found = new Set(names);
  for (const name of found) for (const other of known.get(name)?.dependsOn ?? []) found.add(other);
  return [...found].sort(byCodeUnit).flatMap((name) => known.get(name) ?? []);
}

function serviceId(name: string): StageId {
  return stageId('service', name);
}

function serviceStage(service: ModelService, stack: ModelStack, context: PlanContext): ServiceStage {
  const { name, image, build, command, localCommand, folder, ports, env, health } = service;
  const id = serviceId(name);
  const secrets = Object.values(env).flatMap((parts) =>
    parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])),
  );
  const words = [...(localCommand ?? []), ...(health.check.kind === 'command' ? health.check.command : [])];
  const scripts = startedScripts(words, folder, context);
  return {
    kind: 'service',
    id,
    needs: service.dependsOn.map(serviceId).sort(byCodeUnit),
    inputs: [],
    outputs: [{ name: 'endpoint', id: artifactId(id, 'endpoint'), type: 'endpoint' }],
    service: name,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(command === undefined ? {} : { command }),
    ...(localCommand === undefined ? {} : { localCommand }),
    ...(stack.from === 'placeholder' ? { builtIn: 'placeholder' as const } : {}),
    folder,
    ports,
    env,
    secrets: [...new Set(secrets)].sort(byCodeUnit),
    health,
    ...(Object.keys(scripts).length === 0 ? {} : { scripts }),
  };
}

/** The first HTTP target's service is what `STACK_BASE_URL` means, else the first service that has a port. */
function plannedStack(stack: ModelStack, targets: readonly ModelTarget[], required: boolean): PlannedStack {
  const { from, reuse, services } = stack;
  if (reuse !== undefined) return { from, required, base: { url: reuse } };
  const asked = targets.flatMap(({ kind, details }) => (kind === 'http' ? [details.service] : []));
  const byTarget = asked.flatMap((name) => services.filter((service) => service.name === name));
  const base = [...byTarget, ...services].find(({ ports }) => ports.length > 0);
  const port = base?.ports[0];
  if (base === undefined || port === undefined) return { from, required };
  return { from, required, base: { service: base.name, port } };
}
