import type { PlannedLicenses, PlannedPolicy, PlannedVex } from '../../compiler/model/model.ts';
import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';
import { type ChangeClass, change, listDifference, type PlanChange } from './change.ts';

/** What changed in baseline, VEX documents, licence lists and the lists of exploited vulnerabilities. */
export function diffPolicyFiles(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  return [
    ...baseline(before, after),
    ...vex(before.vex ?? [], after.vex ?? []),
    ...products(before, after),
    ...licenses(before.licenses, after.licenses),
    ...exploited(before, after),
  ];
}

// What a changed file holds is not in the plan: it may have grown.
function baseline(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  const [old, now] = [before.baseline, after.baseline];
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
  const [direction, text] =
    now === undefined || now.digest === null
      ? (['strengthening', 'findings are no longer compared with a baseline'] as const)
      : (['weakening', `the baseline ${now.path} changes: findings in it do not count as new`] as const);
  return [change('baseline', 'policy', text, { class: direction, before: old, after: now })];
}

function vex(before: readonly PlannedVex[], after: readonly PlannedVex[]): readonly PlanChange[] {
  const [olds, nows] = [byPath(before), byPath(after)];
  return [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit).flatMap((path) => {
    const [old, now] = [olds.get(path), nows.get(path)];
    if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
    const sides = { before: old, after: now };
    if (now === undefined)
      return change('vex', 'policy', `the VEX document ${path} no longer applies`, {
        class: 'strengthening',
        ...sides,
      });
    if (old === undefined)
      return change('vex', 'policy', `the VEX document ${path} now applies`, {
        class: 'weakening',
        ...sides,
      });
    const shorter = old.digest === now.digest && (now.expires ?? '9999') < (old.expires ?? '9999');
    const text =
      old.digest === now.digest
        ? `the VEX document ${path} applies until ${now.expires ?? 'further notice'} instead of ${old.expires ?? 'further notice'}`
        : `the VEX document ${path} changes`;
    return change('vex', 'policy', text, { class: shorter ? 'strengthening' : 'weakening', ...sides });
  });
}

function products(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  const { added, removed } = listDifference(before.products ?? [], after.products ?? []);
  const said = (direction: ChangeClass, text: string) => change('vex', 'policy', text, { class: direction });
  return [
    ...added.map((id) => said('weakening', `VEX statements about ${id} now apply`)),
    ...removed.map((id) => said('strengthening', `VEX statements about ${id} no longer apply`)),
  ];
}

function byPath(list: readonly PlannedVex[]): ReadonlyMap<string, PlannedVex> {
  return new Map(list.map((one) => [one.path, one]));
}

function licenses(
  before: PlannedLicenses | undefined,
  after: PlannedLicenses | undefined,
): readonly PlanChange[] {
  const said = (direction: ChangeClass, text: string) =>
    change('license', 'policy', text, { class: direction });
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return after === undefined
      ? [said('weakening', 'licences are no longer checked')]
      : [said('strengthening', 'licences are now checked')];
  }
  const changes: PlanChange[] = [];
  const deny = listDifference(before.deny ?? [], after.deny ?? []);
  changes.push(...deny.added.map((id) => said('strengthening', `the licence ${id} is now denied`)));
  changes.push(...deny.removed.map((id) => said('weakening', `the licence ${id} is no longer denied`)));
  if (before.allow === undefined || after.allow === undefined) {
    if (after.allow !== undefined)
      changes.push(said('strengthening', 'only listed licences are now allowed'));
    if (before.allow !== undefined)
      changes.push(said('weakening', 'all licences except the denied ones are now allowed'));
  } else {
    const allow = listDifference(before.allow, after.allow);
    changes.push(...allow.added.map((id) => said('weakening', `the licence ${id} is now allowed`)));
    changes.push(
      ...allow.removed.map((id) => said('strengthening', `the licence ${id} is no longer allowed`)),
    );
  }
  if (before.unknown !== after.unknown) {
    const direction = isMilder(after.unknown, before.unknown) ? 'weakening' : 'strengthening';
    changes.push(said(direction, `unknown licences change from ${before.unknown} to ${after.unknown}`));
  }
  return changes;
}

function isMilder(now: Severity | 'ignore', old: Severity | 'ignore'): boolean {
  if (now === 'ignore' || old === 'ignore') return now === 'ignore';
  return compareSeverity(now, old) > 0;
}

function exploited(before: PlannedPolicy, after: PlannedPolicy): readonly PlanChange[] {
  const [old, now] = [before.exploited, after.exploited];
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
  const direction = old === undefined ? 'strengthening' : 'weakening';
  const text =
    now === undefined
      ? 'exploited vulnerabilities are no longer marked'
      : old === undefined
        ? 'exploited vulnerabilities are now marked'
        : 'the lists of exploited vulnerabilities, or their threshold, change';
  return [change('exploited', 'policy', text, { class: direction, before: old, after: now })];
}
