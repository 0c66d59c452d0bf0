import type { BudgetLimits, PlannedPolicy, PlannedWaiver, ScopedLimits } from '../../compiler/model/model.ts';
import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { SEVERITIES } from '../../core/severity.ts';
import { change, listDifference, type PlanChange } from './change.ts';
import { diffPolicyFiles } from './diff-policy-files.ts';

/** What changed in budgets, waivers and the other rules of the gate. */
export function diffPolicy(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  return [
    ...budgets(before, after),
    ...waivers(before.waivers, after.waivers),
    ...rules(before, after),
    ...diffPolicyFiles(before, after),
  ];
}

function budgets(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  const [old, now] = [before.budgets, after.budgets];
  return [
    ...scopes('', old, now),
    ...scopes('new ', old.new ?? NO_LIMITS, now.new ?? NO_LIMITS),
    ...limit('exploited findings', old.exploited, now.exploited),
    ...fixable(old.fixable, now.fixable),
  ];
}

function fixable(before: true | undefined, after: true | undefined): readonly PlanChange[] {
  if (before === after) return [];
  const [direction, text] = after
    ? (['weakening', 'vulnerabilities without a fix no longer count'] as const)
    : (['strengthening', 'vulnerabilities without a fix now count'] as const);
  return [change('budget', 'policy', text, { class: direction })];
}

const NO_LIMITS: ScopedLimits = { overall: {}, perTool: {}, perCategory: {}, perTarget: {} };

function scopes(prefix: string, old: ScopedLimits, now: ScopedLimits): readonly PlanChange[] {
  const changes = [...limits(`${prefix}overall`, old.overall, now.overall)];
  for (const [scope, oldOnes, nowOnes] of [
    ['tool', old.perTool, now.perTool],
    ['category', old.perCategory, now.perCategory],
    ['target', old.perTarget, now.perTarget],
  ] as const) {
    const [olds, nows] = [new Map(Object.entries(oldOnes)), new Map(Object.entries(nowOnes))];
    for (const name of [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit)) {
      changes.push(...limits(`${prefix}${scope} ${name}`, olds.get(name) ?? {}, nows.get(name) ?? {}));
    }
  }
  return changes;
}

function limits(scope: string, before: BudgetLimits, after: BudgetLimits): readonly PlanChange[] {
  return SEVERITIES.flatMap((severity) =>
    limit(`${severity} findings (${scope})`, before[severity], after[severity]),
  );
}

function limit(what: string, before: number | undefined, after: number | undefined): readonly PlanChange[] {
  const said = (count: number) => (count === Number.POSITIVE_INFINITY ? 'unlimited' : `${count}`);
  const old = before ?? Number.POSITIVE_INFINITY;
  const now = after ?? Number.POSITIVE_INFINITY;
  if (old === now) return [];
  const [word, direction] =
    now > old ? (['raised', 'weakening'] as const) : (['lowered', 'strengthening'] as const);
  const text = `the budget for ${what} is ${word} from ${said(old)} to ${said(now)}`;
  return [change('budget', 'policy', text, { class: direction, before, after })];
}

// One match may be waived several times: the longest counts.
function waivers(before: readonly PlannedWaiver[], after: readonly PlannedWaiver[]): readonly PlanChange[] {
  const [olds, nows] = [longest(before), longest(after)];
  const changes: PlanChange[] = [];
  for (const key of [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit)) {
    const [old, now] = [olds.get(key), nows.get(key)];
    const what = Object.entries((old ?? now)?.match ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    const add = (direction: PlanChange['class'], text: string) =>
      changes.push(change('waiver', 'policy', text, { class: direction, before: old, after: now }));
    if (old === undefined && now !== undefined)
      add('weakening', `${what} is now waived until ${now.expires}`);
    else if (old !== undefined && now === undefined) add('strengthening', `${what} is no longer waived`);
    else if (old === undefined || now === undefined) continue;
    else if (now.expires > old.expires) {
      add('weakening', `the waiver of ${what} is extended from ${old.expires} to ${now.expires}`);
    } else if (now.expires < old.expires) {
      add('strengthening', `the waiver of ${what} is shortened from ${old.expires} to ${now.expires}`);
    } else if (canonicalJson(old) !== canonicalJson(now)) {
      add('neutral', `the waiver of ${what} has another reason or owner`);
    }
  }
  return changes;
}

function longest(list: readonly PlannedWaiver[]): ReadonlyMap<string, PlannedWaiver> {
  const found = new Map<string, PlannedWaiver>();
  for (const waiver of list) {
    const key = canonicalJson(waiver.match);
    const other = found.get(key);
    if (other === undefined || other.expires < waiver.expires) found.set(key, waiver);
  }
  return found;
}

function rules(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  const changes: PlanChange[] = [];
  if (before.onIncomplete !== after.onIncomplete) {
    const [direction, text] =
      after.onIncomplete === 'warn'
        ? (['weakening', 'an incomplete run no longer fails'] as const)
        : (['strengthening', 'an incomplete run now fails'] as const);
    changes.push(change('on-incomplete', 'policy', text, { class: direction }));
  }
  if (before.unexamined !== after.unexamined) {
    const [direction, text] =
      after.unexamined === 'warn'
        ? (['weakening', 'files that a scanner did not examine no longer make the run incomplete'] as const)
        : (['strengthening', 'files that a scanner did not examine now make the run incomplete'] as const);
    changes.push(change('unexamined', 'policy', text, { class: direction }));
  }
  const required = ({ coverageRequire, coverageLanguages = [] }: PlannedPolicy) => [
    ...coverageRequire,
    ...coverageLanguages,
  ];
  const { added, removed } = listDifference(required(before), required(after));
  for (const name of removed) {
    changes.push(
      change('coverage', 'policy', `coverage of ${name} is no longer required`, { class: 'weakening' }),
    );
  }
  for (const name of added) {
    changes.push(
      change('coverage', 'policy', `coverage of ${name} is now required`, { class: 'strengthening' }),
    );
  }
  if (before.enforceSla !== after.enforceSla) {
    const text = after.enforceSla
      ? 'the time budget is now enforced'
      : 'the time budget is no longer enforced';
    changes.push(change('sla', 'policy', text, { class: after.enforceSla ? 'strengthening' : 'weakening' }));
  }
  if (before.slaMs !== after.slaMs) changes.push(sla(before, after));
  return changes;
}

// Where it is only measured, a time budget lets nothing pass and stops nothing.
function sla(before: PlannedPolicy, after: PlannedPolicy): PlanChange {
  const said = (ms: number | null) => (ms === null ? 'none' : `${ms / 1000} s`);
  const more = (after.slaMs ?? Number.POSITIVE_INFINITY) > (before.slaMs ?? Number.POSITIVE_INFINITY);
  const enforced = before.enforceSla || after.enforceSla;
  const direction = enforced ? (more ? 'weakening' : 'strengthening') : 'neutral';
  const text = `the time budget changes from ${said(before.slaMs)} to ${said(after.slaMs)}`;
  return change('sla', 'policy', text, { class: direction, before: before.slaMs, after: after.slaMs });
}
