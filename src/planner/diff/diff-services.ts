import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import type { Plan, PlannedStack, ServiceStage } from '../ir/ir.ts';
import { type ChangeClass, change, listDifference, type PlanChange } from './change.ts';

/** What changed in the stack that scanners talk to. */
export function diffServices(before: Plan, after: Plan): readonly PlanChange[] {
  const [olds, nows] = [services(before), services(after)];
  const changes: PlanChange[] = [...stackChange(before.stack, after.stack)];
  for (const [id, old] of olds) {
    const now = nows.get(id);
    if (now !== undefined) changes.push(...serviceChange(old, now));
    else changes.push(change('service', id, `${id} is no longer started`, { class: 'weakening' }));
  }
  for (const [id, now] of nows) {
    if (olds.has(id)) continue;
    changes.push(change('service', id, `${id} is started`, { class: 'neutral' }));
    for (const name of now.secrets)
      changes.push(change('secret', id, `${id} gets the secret ${name}`, { class: 'weakening' }));
  }
  return changes;
}

function services(plan: Plan): ReadonlyMap<string, ServiceStage> {
  return new Map(plan.stages.flatMap((stage) => (stage.kind === 'service' ? [[stage.id, stage]] : [])));
}

const KINDS: Readonly<Record<PlannedStack['from'], string>> = {
  services: 'its own services',
  reuse: 'a running stack',
  placeholder: 'a placeholder',
};

function stackChange(old: PlannedStack | undefined, now: PlannedStack | undefined): readonly PlanChange[] {
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
  const said = (stack: PlannedStack | undefined) => (stack === undefined ? 'no stack' : KINDS[stack.from]);
  const text =
    old?.from === now?.from
      ? 'the services behind the stack changed'
      : `scanners talk to ${said(now)} instead of ${said(old)}`;
  return [change('service', 'stack', text, { class: stackClass(old, now), before: old, after: now })];
}

// Real services say more than a placeholder, and that more than nothing; who runs a reused one is not known.
function stackClass(old: PlannedStack | undefined, now: PlannedStack | undefined): ChangeClass {
  const worth = (stack: PlannedStack | undefined) =>
    stack === undefined ? 0 : stack.from === 'placeholder' ? 1 : 2;
  return worth(now) > worth(old) ? 'strengthening' : 'weakening';
}

// What it answers may hang on these; what is said of readiness and order does not change what is scanned.
const HARMLESS: ReadonlySet<string> = new Set(['health', 'needs', 'ports']);
const TOLD: ReadonlySet<string> = new Set(['scripts', 'secrets', 'outputs', 'id']);

function serviceChange(old: ServiceStage, now: ServiceStage): readonly PlanChange[] {
  const { id } = now;
  const secrets = listDifference(old.secrets, now.secrets);
  const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(now))];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit);
  return [
    ...secrets.added.map((name) =>
      change('secret', id, `${id} now gets the secret ${name}`, { class: 'weakening' }),
    ),
    ...secrets.removed.map((name) =>
      change('secret', id, `${id} no longer gets the secret ${name}`, { class: 'strengthening' }),
    ),
    ...(canonicalJson(old.scripts ?? null) === canonicalJson(now.scripts ?? null)
      ? []
      : [change('script', id, `a script that ${id} starts changed`, { class: 'weakening' })]),
    ...names.flatMap((name) => {
      if (
        TOLD.has(name) ||
        canonicalJson(before.get(name) ?? null) === canonicalJson(after.get(name) ?? null)
      )
        return [];
      const sides = { before: before.get(name), after: after.get(name) };
      return change('service', id, `${name} of ${id} changed`, {
        class: HARMLESS.has(name) ? 'neutral' : 'weakening',
        ...sides,
      });
    }),
  ];
}
