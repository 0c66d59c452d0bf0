import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { listed } from '../../core/listed.ts';
import type { Plan, ToolStage } from '../ir/ir.ts';
import { type ChangeClass, change, listDifference, type PlanChange } from './change.ts';
import { diffDelivery } from './diff-delivery.ts';
import { diffEvidence } from './diff-evidence.ts';
import { diffPins } from './diff-pins.ts';
import { diffPolicy } from './diff-policy.ts';
import { diffRemoteCache } from './diff-remote-cache.ts';
import { diffServices } from './diff-services.ts';
import { diffStage } from './diff-stage.ts';

export type { ChangeClass, ChangeKind, PlanChange } from './change.ts';

/**
 * What a change of the manifest, profile, lock or secplan does to scanning. Weakenings first, then strengthenings, then
 * the rest; within each by subject. No change is left untold: what no rule knows counts as a weakening.
 */
export function diffPlans(before: Plan, after: Plan): readonly PlanChange[] {
  if (before.planDigest === after.planDigest) return [];
  const changes = [
    ...scanners(before, after),
    ...diffServices(before, after),
    ...workspace(before, after),
    ...diffPolicy(before.policy, after.policy),
    ...diffEvidence(before, after),
    ...diffDelivery(before, after),
    ...diffRemoteCache(before, after),
    ...diffPins(before, after),
  ];
  if (before.sandbox !== after.sandbox) {
    const off = after.sandbox === 'off';
    const text = off ? 'scanners run without a sandbox' : 'scanners run in a sandbox again';
    changes.push(change('sandbox', 'plan', text, { class: off ? 'weakening' : 'strengthening' }));
  }
  changes.push(...description(before, after));
  if (changes.length === 0)
    changes.push(
      change('other', 'plan', 'the plans differ in a way that secplan cannot classify', {
        class: 'weakening',
      }),
    );
  return changes.sort(
    (a, b) => RANK[a.class] - RANK[b.class] || byCodeUnit(a.subject, b.subject) || byCodeUnit(a.text, b.text),
  );
}

const RANK: Readonly<Record<ChangeClass, number>> = { weakening: 0, strengthening: 1, neutral: 2 };

function scanners(before: Plan, after: Plan): readonly PlanChange[] {
  const [olds, nows] = [toolStages(before), toolStages(after)];
  const told = sourceGlobs(before, after);
  const changes: PlanChange[] = [];
  for (const [id, old] of olds) {
    const now = nows.get(id);
    if (now !== undefined) changes.push(...diffStage(old, now, told));
    else {
      const why = after.notPlanned.find(({ tool }) => tool === old.tool);
      const reason = why === undefined ? '' : `: ${why.state}, ${why.text}`;
      changes.push(change('scanner', id, `${id} no longer runs${reason}`, { class: 'weakening' }));
    }
  }
  for (const [id, now] of nows) {
    if (olds.has(id)) continue;
    changes.push(change('scanner', id, `${id} now runs`, { class: 'strengthening' }));
    // What a new scanner is let do is new too.
    if (now.network !== 'none')
      changes.push(
        change('network', id, `${id} may use the network`, { class: 'weakening', after: now.network }),
      );
    for (const name of now.secrets)
      changes.push(change('secret', id, `${id} gets the secret ${name}`, { class: 'weakening' }));
  }
  return changes;
}

function toolStages(plan: Plan): ReadonlyMap<string, ToolStage> {
  return new Map(plan.stages.flatMap((stage) => ('tool' in stage ? [[stage.id, stage] as const] : [])));
}

// Excludes of the whole workspace stand in every stage; they are reported once.
function workspace(before: Plan, after: Plan): readonly PlanChange[] {
  const { added, removed } = listDifference(before.sourceExclude, after.sourceExclude);
  return [
    ...added.map((glob) =>
      change('path', 'source', `${glob} is excluded from scanning`, { class: 'weakening' }),
    ),
    ...removed.map((glob) =>
      change('path', 'source', `${glob} is no longer excluded from scanning`, { class: 'strengthening' }),
    ),
    ...taken(before, after),
  ];
}

/** What the source target takes stands in the selections of its stages, which tell of it; alone it may mean less. */
function taken(before: Plan, after: Plan): readonly PlanChange[] {
  const differs = (of: (plan: Plan) => unknown): boolean =>
    canonicalJson(of(before)) !== canonicalJson(of(after));
  const selections = (plan: Plan): unknown =>
    [...toolStages(plan).values()].map(({ selection }) => selection);
  if (!differs(({ sourceOnly }) => sourceOnly ?? null) || differs(selections)) return [];
  const { sourceOnly } = after;
  const text =
    sourceOnly === undefined ? 'everything is scanned' : `only ${listed(sourceOnly, 5)} is scanned`;
  return [
    change('path', 'source', text, { class: sourceOnly === undefined ? 'strengthening' : 'weakening' }),
  ];
}

function sourceGlobs(before: Plan, after: Plan): ReadonlySet<string> {
  const { added, removed } = listDifference(before.sourceExclude, after.sourceExclude);
  return new Set([...added, ...removed]);
}

const KNOWN: ReadonlySet<string> = new Set([
  'stages',
  'stack',
  'policy',
  'sourceExclude',
  'sourceOnly',
  'sandbox',
  'remoteCache',
  'planDigest',
]);
const HARMLESS: ReadonlySet<string> = new Set([
  'secplan',
  'profile',
  'name',
  'notPlanned',
  'labels',
  'origins',
]);

/** Members of the plan under the names that a reader of a diff knows. */
const NAMES: Readonly<Record<string, string>> = {
  notPlanned: 'the list of scanners that do not run',
  origins: 'the manifest locations of stages',
};

function description(before: Plan, after: Plan): readonly PlanChange[] {
  const [olds, nows] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...olds.keys(), ...nows.keys()])].flatMap((name) => {
    if (KNOWN.has(name) || canonicalJson(olds.get(name) ?? null) === canonicalJson(nows.get(name) ?? null))
      return [];
    const sides = { before: olds.get(name), after: nows.get(name) };
    const short = typeof sides.before === 'string' && typeof sides.after === 'string';
    const text = short
      ? `${name} changes from ${sides.before} to ${sides.after}`
      : `${NAMES[name] ?? name} changed`;
    return change(HARMLESS.has(name) ? 'description' : 'other', 'plan', text, {
      class: HARMLESS.has(name) ? 'neutral' : 'weakening',
      ...sides,
    });
  });
}
