import type { Manifest, PolicyFile, VexDocument } from '../manifest.gen.ts';
import type { PlannedExploited, PlannedPolicy, PlannedVex, PolicyFileRef } from '../model/model.ts';
import { checkPath } from '../source/check-path.ts';
import type { Reporter } from '../source/reporter.ts';
import { isDay } from '../source/units.ts';
import type { WorkspaceFacts } from '../source/workspace-facts.ts';
import { manifestLicenses, overrideLicenses } from './check-licenses.ts';

/** Where the baseline is looked for when the manifest names none. */
export const DEFAULT_BASELINE = 'secplan.baseline.json';

/** The parts of a policy that stand in their own files, and the licence lists. */
export type PolicyFiles = Pick<PlannedPolicy, 'baseline' | 'licenses' | 'vex' | 'products' | 'exploited'>;

/**
 * Looks up every file that the policy names: SP2011, SP2012; SP2017 for a day that is none; SP2060 for a budget on
 * exploited findings without a list of them; SP2061 and SP2062 for licences; SP2063 for a baseline that is not there yet.
 */
export function checkPolicyFiles(
  manifest: Manifest,
  facts: WorkspaceFacts,
  override: PolicyFile | undefined,
  out: Reporter,
): PolicyFiles {
  const { policy = {} } = manifest;
  const baseline = baselineOf(policy.baseline, facts, out);
  const vex = (policy.vex ?? []).flatMap((entry, index) => vexOf(entry, index, facts, out));
  const exploited = exploitedOf(manifest, facts, out);
  if (exploited === undefined) checkExploitedBudgets(manifest, override, out);
  const lists =
    override?.licenses === undefined
      ? policy.licenses && manifestLicenses(policy.licenses, out)
      : overrideLicenses(override.licenses, out);
  return {
    ...(baseline === undefined ? {} : { baseline }),
    ...(lists === undefined ? {} : { licenses: lists }),
    ...(vex.length === 0 ? {} : { vex: vex.sort((a, b) => (a.path < b.path ? -1 : 1)) }),
    ...(policy.products === undefined ? {} : { products: [...new Set(policy.products)].sort() }),
    ...(exploited === undefined ? {} : { exploited }),
  };
}

/** One that is named and not there is an empty one: the first `baseline create` needs a run before it. */
function baselineOf(
  named: string | undefined,
  facts: WorkspaceFacts,
  out: Reporter,
): PolicyFileRef | undefined {
  if (named === undefined) {
    return facts.lookup(DEFAULT_BASELINE) === 'file'
      ? fileRef(DEFAULT_BASELINE, '/policy', facts, out)
      : undefined;
  }
  const pointer = '/policy/baseline';
  const path = checkPath(named, pointer, { facts, out }, { mayBeMissing: true });
  if (path === undefined) return undefined;
  const fact = facts.lookup(path);
  if (fact === 'folder') out.report('SP2012', pointer, 'the baseline is a folder', { value: named });
  if (fact === 'missing') {
    out.report('SP2063', pointer, 'the baseline does not exist yet: every finding is new', {
      value: named,
      help: '`secplan baseline create` writes it from a bundle.',
    });
  }
  return fileRef(path, pointer, facts, out);
}

function vexOf(entry: VexDocument, index: number, facts: WorkspaceFacts, out: Reporter): PlannedVex[] {
  const at = `/policy/vex/${index}`;
  const [named, expires] = typeof entry === 'string' ? [entry] : [entry.path, entry.expires];
  if (expires !== undefined && !isDay(expires)) {
    out.report('SP2017', `${at}/expires`, 'no such day', {
      value: expires,
      allowed: ['a day as YYYY-MM-DD'],
    });
  }
  const path = checkPath(named, typeof entry === 'string' ? at : `${at}/path`, { facts, out });
  if (path === undefined) return [];
  return [{ ...fileRef(path, at, facts, out), ...(expires === undefined ? {} : { expires }) }];
}

/** The lists themselves may come later, from a download step: they are looked for when a run starts. */
function exploitedOf(
  { policy }: Manifest,
  facts: WorkspaceFacts,
  out: Reporter,
): PlannedExploited | undefined {
  const given = policy?.exploited;
  if (given === undefined) return undefined;
  const path = (name: 'kev' | 'epss') =>
    given[name] === undefined
      ? undefined
      : checkPath(given[name], `/policy/exploited/${name}`, { facts, out }, { mayBeMissing: true });
  const [kev, epss] = [path('kev'), path('epss')];
  if (kev === undefined && epss === undefined) return undefined;
  return {
    ...(kev === undefined ? {} : { kev }),
    ...(epss === undefined ? {} : { epss }),
    ...(given.threshold === undefined ? {} : { threshold: given.threshold }),
  };
}

function checkExploitedBudgets(manifest: Manifest, override: PolicyFile | undefined, out: Reporter): void {
  const help = 'Name a list under `policy.exploited`: kev, epss or both.';
  const said = 'a budget counts exploited findings, but there is no list of exploited vulnerabilities';
  for (const [name, budgets] of Object.entries(manifest.policy?.budgets ?? {})) {
    if (budgets.exploited !== undefined)
      out.reportKey('SP2060', `/policy/budgets/${name}/exploited`, said, { help });
  }
  for (const [name, { budgets }] of Object.entries(manifest.profiles ?? {})) {
    if (budgets?.exploited !== undefined)
      out.reportKey('SP2060', `/profiles/${name}/budgets/exploited`, said, { help });
  }
  if (override?.exploited !== undefined) out.reportUsage('SP2060', `--policy FILE: ${said}`, { help });
}

function fileRef(path: string, pointer: string, facts: WorkspaceFacts, out: Reporter): PolicyFileRef {
  const digest = facts.digest?.(path);
  if (digest === undefined && facts.digest !== undefined && facts.lookup(path) !== 'missing') {
    out.report('SP4010', pointer, `${path} is not a readable file, or is larger than 64 MiB`);
  }
  return { path, digest: digest ?? null };
}
