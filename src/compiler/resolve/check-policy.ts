import { canonicalJson } from '../../core/canonical.ts';
import { CATEGORIES } from '../../core/category.ts';
import { languageNamed, languageNames } from '../../core/languages/languages.ts';
import type { Budgets, Manifest, Waiver } from '../manifest.gen.ts';
import type { ModelTarget, PlannedPolicy, PlannedWaiver } from '../model/model.ts';
import type { CheckContext } from '../names/check-context.ts';
import { checkTool, isKnownTool } from '../names/known-names.ts';
import { escapeKey, pointer } from '../source/pointer.ts';
import { alternatives, type Reporter } from '../source/reporter.ts';
import { isDay } from '../source/units.ts';

/** Names that budgets, waivers and the coverage requirement refer to: one that is not there would gate nothing. */
export function checkPolicy(
  manifest: Manifest,
  targets: readonly ModelTarget[],
  context: CheckContext,
): void {
  const { names, out } = context;
  const targetNames = new Set(targets.map((target) => target.name));
  for (const [name, budgets] of Object.entries(manifest.policy?.budgets ?? {})) {
    const at = pointer('policy', 'budgets', name);
    if (name !== 'default' && !names.profiles.has(name)) {
      const known = [...names.profiles, 'default'];
      out.reportKey(
        'SP2007',
        at,
        `budgets for an unknown profile ${JSON.stringify(name)}`,
        alternatives(name, known),
      );
    }
    checkBudgets(budgets, at, targetNames, context);
  }
  for (const [name, profile] of Object.entries(manifest.profiles ?? {})) {
    if (profile.budgets)
      checkBudgets(profile.budgets, pointer('profiles', name, 'budgets'), targetNames, context);
  }
  for (const [index, id] of (manifest.policy?.coverage?.require ?? []).entries()) {
    if ((CATEGORIES as readonly string[]).includes(id) || isKnownTool(id, names)) continue;
    const known = [...CATEGORIES, ...names.catalogue.keys(), ...names.custom.keys()];
    const summary = `${JSON.stringify(id)} is neither a category nor a tool`;
    out.report('SP2006', `/policy/coverage/require/${index}`, summary, alternatives(id, known));
  }
  checkLanguages(manifest.policy?.coverage?.languages ?? [], out);
  for (const [index, waiver] of (manifest.policy?.waivers ?? []).entries()) {
    const at = pointer('policy', 'waivers', index);
    checkWaiver(waiver, at, targetNames, context);
    checkWaiverLists(waiver, at, manifest.policy?.exploited, out);
  }
}

function checkLanguages(names: readonly string[], out: Reporter): void {
  for (const [index, name] of names.entries()) {
    if (languageNamed(name) !== undefined) continue;
    const summary = `${JSON.stringify(name)} is not a language that secplan knows`;
    out.report('SP2074', `/policy/coverage/languages/${index}`, summary, alternatives(name, languageNames()));
  }
}

/** The required languages by their own names, sorted. */
export function coverageLanguages(
  names: readonly string[] | undefined,
): Pick<PlannedPolicy, 'coverageLanguages'> {
  if (names === undefined || names.length === 0) return {};
  const known = names.map((name) => languageNamed(name)?.name ?? name);
  return { coverageLanguages: [...new Set(known)].sort() };
}

/** Sorted: the order of waivers means nothing. */
export function plannedWaivers(waivers: readonly Waiver[]): PlannedWaiver[] {
  return waivers
    .map(({ match, reason, owner, expires }) => ({
      match: Object.fromEntries(Object.entries(match).map(([name, value]) => [name, String(value)])),
      reason,
      owner,
      expires,
    }))
    .map((waiver) => [canonicalJson(waiver), waiver] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, waiver]) => waiver);
}

function checkBudgets(
  budgets: Budgets,
  at: string,
  targets: ReadonlySet<string>,
  context: CheckContext,
): void {
  const { out } = context;
  for (const id of Object.keys(budgets.perTool ?? {})) {
    checkTool(id, `${at}/perTool/${escapeKey(id)}`, context, { key: true });
  }
  for (const name of Object.keys(budgets.perTarget ?? {})) {
    if (targets.has(name)) continue;
    const summary = `unknown target ${JSON.stringify(name)}`;
    out.reportKey('SP2008', `${at}/perTarget/${escapeKey(name)}`, summary, alternatives(name, targets));
  }
}

function checkWaiver(waiver: Waiver, at: string, targets: ReadonlySet<string>, context: CheckContext): void {
  const { out } = context;
  if (!isDay(waiver.expires)) {
    out.report('SP2017', `${at}/expires`, 'no such day', {
      value: waiver.expires,
      allowed: ['a day as YYYY-MM-DD'],
    });
  }
  const { tool, target } = waiver.match;
  if (tool !== undefined) checkTool(tool, `${at}/match/tool`, context);
  if (target !== undefined && !targets.has(target)) {
    out.report(
      'SP2008',
      `${at}/match/target`,
      `unknown target ${JSON.stringify(target)}`,
      alternatives(target, targets),
    );
  }
}

/** Without its list such a waiver matches nothing. */
function checkWaiverLists(
  { match: { kev, epssBelow } }: Waiver,
  at: string,
  lists: NonNullable<Manifest['policy']>['exploited'],
  out: Reporter,
): void {
  const missing = (name: string, list: string): void =>
    out.reportKey(
      'SP2060',
      `${at}/match/${name}`,
      `a waiver by ${name} needs the list \`policy.exploited.${list}\``,
    );
  if (kev !== undefined && lists?.kev === undefined) missing('kev', 'kev');
  if (epssBelow !== undefined && lists?.epss === undefined) missing('epssBelow', 'epss');
}
