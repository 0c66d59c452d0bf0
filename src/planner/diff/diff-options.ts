import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import type { ToolStage } from '../ir/ir.ts';
import { type ChangeClass, change, listDifference, type PlanChange } from './change.ts';

// Lists under such names say what is not looked at: a longer one finds less.
const LEAVES_OUT = /(?:^|[^a-z])(?:allow|baseline|disable|except|exclude|ignore|omit|skip|suppress)/i;

/**
 * What changed in a scanner's options. Lists tell their direction; where nothing does, the change counts as weakening:
 * a threshold that hides findings must not pass for a matter of taste.
 */
export function diffOptions(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const [olds, nows] = [new Map(Object.entries(before.options)), new Map(Object.entries(after.options))];
  return [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit).flatMap((name) => {
    const [old, now] = [olds.get(name), nows.get(name)];
    if (shown(old) === shown(now)) return [];
    const direction = judge(name, old, now);
    const doubt = direction === undefined ? ', which cannot be judged from the plan' : '';
    const text = `option ${name} of ${after.id} changes from ${shown(old)} to ${shown(now)}${doubt}`;
    return change('options', after.id, text, { class: direction ?? 'weakening', before: old, after: now });
  });
}

function judge(name: string, old: unknown, now: unknown): ChangeClass | undefined {
  const [before, after] = [textsOf(old), textsOf(now)];
  if (before === undefined || after === undefined) return undefined;
  const { added, removed } = listDifference(before, after);
  if (added.length === 0 && removed.length === 0) return 'neutral';
  const leavesOut = LEAVES_OUT.test(name.replace(/([a-z])([A-Z])/g, '$1-$2'));
  const less = leavesOut ? added : removed;
  // A list of what to look at may mean "everything" when it is empty.
  if (!leavesOut && (before.length === 0 || after.length === 0)) return undefined;
  return less.length > 0 ? 'weakening' : 'strengthening';
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'unset' : canonicalJson(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
