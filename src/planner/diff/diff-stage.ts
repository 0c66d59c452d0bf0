import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { textsOf } from '../../core/gap.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';
import type { Network, ToolStage } from '../ir/ir.ts';
import { type ChangeClass, change, listDifference, type PlanChange } from './change.ts';
import { diffOptions } from './diff-options.ts';
import { diffProviders } from './diff-providers.ts';
import { diffSelection } from './diff-selection.ts';

/** What changed in one scanner's stage that stands in both plans. Changes of the whole workspace's excludes are reported once, elsewhere. */
export function diffStage(
  before: ToolStage,
  after: ToolStage,
  sourceExcludes: ReadonlySet<string>,
): readonly PlanChange[] {
  return [
    ...diffSelection(before, after, sourceExcludes),
    ...diffProviders(before, after),
    ...diffOptions(before, after),
    ...timeout(before, after),
    ...network(before, after),
    ...lists(before, after),
    ...digests(before, after),
    ...severities(before, after),
    ...theRest(before, after),
  ];
}

function timeout(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  if (before.timeoutMs === after.timeoutMs) return [];
  const cut = after.timeoutMs < before.timeoutMs;
  const text = `the timeout of ${after.id} is ${cut ? 'cut' : 'raised'} from ${before.timeoutMs / 1000} s to ${after.timeoutMs / 1000} s`;
  const sides = { before: before.timeoutMs, after: after.timeoutMs };
  return [change('timeout', after.id, text, { class: cut ? 'weakening' : 'strengthening', ...sides })];
}

function network(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const { added, removed } = listDifference(reach(before.network), reach(after.network));
  const sides = { before: before.network, after: after.network };
  return [
    ...added.map((to) =>
      change('network', after.id, `${after.id} may now reach ${to}`, { class: 'weakening', ...sides }),
    ),
    ...removed.map((to) =>
      change('network', after.id, `${after.id} may no longer reach ${to}`, {
        class: 'strengthening',
        ...sides,
      }),
    ),
  ];
}

function reach(network: Network): readonly string[] {
  if (network === 'none') return [];
  return network === 'stack' ? ['the stack'] : network.egress.map((host) => JSON.stringify(host));
}

function lists(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const secrets = listDifference(before.secrets, after.secrets);
  const gaps = listDifference(textsOf(before.notChecked), textsOf(after.notChecked));
  const { id } = after;
  return [
    ...secrets.added.map((name) =>
      change('secret', id, `${id} now gets the secret ${name}`, { class: 'weakening' }),
    ),
    ...secrets.removed.map((name) =>
      change('secret', id, `${id} no longer gets the secret ${name}`, { class: 'strengthening' }),
    ),
    ...gaps.added.map((gap) =>
      change('notChecked', id, `${id} now leaves unchecked: ${gap}`, { class: 'weakening' }),
    ),
    ...gaps.removed.map((gap) =>
      change('notChecked', id, `${id} no longer leaves unchecked: ${gap}`, { class: 'strengthening' }),
    ),
  ];
}

function digests(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const changes: PlanChange[] = [];
  const [olds, nows] = [
    new Map(Object.entries(before.scripts ?? {})),
    new Map(Object.entries(after.scripts ?? {})),
  ];
  for (const path of [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit)) {
    const sides = { before: olds.get(path), after: nows.get(path) };
    if (sides.before === sides.after) continue;
    const how =
      sides.before === undefined
        ? 'starts another script,'
        : sides.after === undefined
          ? 'no longer starts'
          : 'has a changed script,';
    changes.push(change('script', after.id, `${after.id} ${how} ${path}`, { class: 'weakening', ...sides }));
  }
  changes.push(...helpers(before, after));
  if (
    before.definitionDigest !== after.definitionDigest ||
    canonicalJson(before.assets) !== canonicalJson(after.assets)
  ) {
    const text = `secplan's own definition of ${after.definition} changed for ${after.id}`;
    changes.push(change('definition', after.id, text, { class: 'neutral' }));
  }
  return changes;
}

/** A file that became a script, or was one, is reported as that. */
function helpers(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const of = ({ helpers = {}, scripts = {} }: ToolStage) =>
    new Map(Object.entries({ ...helpers, ...scripts }));
  const isScript = (path: string) =>
    Object.hasOwn(before.scripts ?? {}, path) || Object.hasOwn(after.scripts ?? {}, path);
  const [olds, nows] = [of(before), of(after)];
  const paths = [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit);
  return paths.flatMap((path) => {
    const sides = { before: olds.get(path), after: nows.get(path) };
    if (sides.before === sides.after || isScript(path)) return [];
    const how = sides.before === undefined ? 'is new' : sides.after === undefined ? 'is gone' : 'changed';
    const text = `${path}, which ${after.id} may source or import, ${how}`;
    return change('script', after.id, text, { class: 'weakening', ...sides });
  });
}

function severities(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const [olds, nows] = [
    new Map(Object.entries(before.severityMap)),
    new Map(Object.entries(after.severityMap)),
  ];
  return [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit).flatMap((rule) => {
    const [old, now] = [olds.get(rule), nows.get(rule)];
    if (old === now) return [];
    const text = `${after.id} rates ${rule} ${now ?? 'as the tool does'} instead of ${old ?? 'as the tool does'}`;
    return change('severity-map', after.id, text, { class: rated(old, now), before: old, after: now });
  });
}

// What the tool itself would say is not known here: only `critical` is surely no less.
function rated(old: Severity | undefined, now: Severity | undefined): ChangeClass {
  if (old !== undefined && now !== undefined)
    return compareSeverity(now, old) > 0 ? 'weakening' : 'strengthening';
  if (now !== undefined) return now === 'critical' ? 'strengthening' : 'weakening';
  return old === 'critical' ? 'weakening' : 'strengthening';
}

const TOLD = [
  'selection',
  'excludedByManifest',
  'target',
  'providers',
  'options',
  'timeoutMs',
  'network',
  'secrets',
];
const TOLD_TOO = ['notChecked', 'scripts', 'helpers', 'definitionDigest', 'assets', 'severityMap', 'id'];
const HARMLESS = { needs: 'order', inputs: 'order', resources: 'resources', retries: 'resources' } as const;
// What a definition says; it cannot change without the definition's digest unless someone wrote the plan by hand.
const DEFINED: ReadonlySet<string> = new Set([
  'category',
  'covers',
  'probe',
  'faults',
  'kind',
  'outputs',
  'outputSpecs',
]);

function theRest(before: ToolStage, after: ToolStage): readonly PlanChange[] {
  const told = new Set([...TOLD, ...TOLD_TOO]);
  // It follows the selection; alone it would only change what an empty input set is called.
  if (canonicalJson(before.selection) !== canonicalJson(after.selection)) told.add('excludedByManifest');
  // It follows the options, which are told.
  if (canonicalJson(before.options) !== canonicalJson(after.options)) told.add('covers');
  const [olds, nows] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...olds.keys(), ...nows.keys()])].sort(byCodeUnit);
  return names.flatMap((name) => {
    if (told.has(name) || canonicalJson(olds.get(name) ?? null) === canonicalJson(nows.get(name) ?? null))
      return [];
    if (DEFINED.has(name) && before.definitionDigest !== after.definitionDigest) return [];
    const harmless = Object.entries(HARMLESS).find(([key]) => key === name)?.[1];
    const sides = { before: olds.get(name), after: nows.get(name) };
    const text = `${name} of ${after.id} changed`;
    return change(harmless ?? 'other', after.id, text, {
      class: harmless === undefined ? 'weakening' : 'neutral',
      ...sides,
    });
  });
}
