import { compileManifest } from '../../app/compile/compile-manifest.ts';
import { pullRequestOf } from '../../app/trust/pull-request.ts';
import { machineView } from '../../app/workspace/machine-view.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import { isForMachine, releasePlatforms } from '../../lock/release-files.ts';
import { isToolStage } from '../../planner/ir/ir.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { Provider } from '../../stages/contract/provider.ts';
import { providerRank } from '../../stages/contract/provider-order.ts';
import type { BundleIndex } from '../../toolchain/carry/bundle-index.ts';
import { machineKey } from '../../toolchain/installers/release.ts';
import { usableProviders } from '../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import { checkTool } from '../../toolchain/tool-check.ts';
import type { Flags } from './command-spec.ts';
import type { Console } from './console.ts';
import { planFlags } from './plan-flags.ts';
import { unknownTool } from './unknown-tool.ts';

export interface Wanted {
  readonly tool: string;
  /** Where it can come from, in order of preference: a later one counts where those before it are unavailable. */
  readonly providers: readonly Provider[];
  /** Where there is none: why nothing can be installed. */
  readonly unavailable?: string;
}

/** Tools to install or to carry, and what pins them. */
export interface Selection {
  readonly workspace: string;
  readonly lock: ToolsLock;
  readonly wanted: readonly Wanted[];
}

/** The tools named, else those of the profile. */
export async function selectTools(
  console: Console,
  ids: readonly string[],
  flags: Flags,
): Promise<Outcome<Selection>> {
  return ids.length > 0 ? byName(console, ids, flags) : byProfile(console, flags);
}

/** What a bundle holds of the tools named, else all of it. */
export async function selectBundled(
  console: Console,
  ids: readonly string[],
  index: BundleIndex,
  flags: Flags,
): Promise<Outcome<Selection>> {
  const view = await machineView(console, console.cwd, flags.trustWorkspace === true);
  if (!view.ok) return view;
  const unknown = ids.filter((id) => !catalogue.has(id));
  if (unknown.length > 0) return failed(unknown.map(unknownTool));
  const absent = ids.filter((id) => !index.tools.some(({ tool }) => tool === id));
  if (absent.length > 0) {
    return failed(absent.map((id) => diagnostic('SP4005', `the bundle does not contain ${id}`)));
  }
  const wanted = index.tools.flatMap(({ tool, provider }): readonly Wanted[] => {
    if (ids.length > 0 && !ids.includes(tool)) return [];
    const known = catalogue.get(tool)?.providers.find(({ name }) => name === provider);
    return known === undefined ? [] : [{ tool, providers: [known] }];
  });
  return success({ workspace: console.cwd, lock: view.value.lock, wanted }, view.diagnostics);
}

/** Tools by id, each from its pinned local providers: its project's own, else a third party's. */
async function byName(console: Console, ids: readonly string[], flags: Flags): Promise<Outcome<Selection>> {
  const view = await machineView(console, console.cwd, flags.trustWorkspace === true);
  if (!view.ok) return view;
  const unknown = ids.filter((id) => !catalogue.has(id));
  if (unknown.length > 0) return failed(unknown.map(unknownTool));
  const { lock } = view.value;
  const wanted = [...new Set(ids)].flatMap((tool): readonly Wanted[] => {
    const local = (catalogue.get(tool)?.providers ?? []).filter(({ runtime }) => runtime === 'local');
    const pinned = local.filter(({ name }) => isPinnedHere(lock.tools[tool]?.[name]));
    const own = pinned.filter(({ thirdParty }) => thirdParty === undefined);
    const ordered = own.toSorted((a, b) => providerRank(a, true) - providerRank(b, true));
    const providers = ordered.length > 0 ? ordered : pinned;
    return [{ tool, providers, ...(providers.length > 0 ? {} : { unavailable: NOTHING_PINNED }) }];
  });
  return success({ workspace: console.cwd, lock, wanted }, view.diagnostics);
}

const NOTHING_PINNED = 'tools.lock.json pins nothing that is used unasked on this machine';

/** Whether the lock pins it with something for this machine, as a plan that names no provider has it. */
function isPinnedHere(locked: LockedProvider | undefined): boolean {
  return locked !== undefined && isForMachine(releasePlatforms(locked, false), machineKey());
}

async function byProfile(console: Console, flags: Flags): Promise<Outcome<Selection>> {
  const { cwd, env } = console;
  const trustWorkspace = flags.trustWorkspace === true;
  const compiled = await compileManifest({
    ...planFlags(flags),
    cwd,
    pullRequest: pullRequestOf(env),
    trust: { mode: 'install', env, trustWorkspace, unsandboxed: false },
  });
  if (!compiled.ok) return compiled;
  const { plan, lock, loaded } = compiled.value;
  const view = { store: openStore(toolsDir(env)), lock, env, workspace: loaded.workspace };
  const wanted = new Map<string, Wanted>();
  for (const stage of plan.stages) {
    if (!isToolStage(stage)) continue;
    const providers = usableProviders(stage)
      .map(({ provider }) => provider)
      .filter(({ kind }) => kind !== 'path');
    const [first] = providers;
    if (first !== undefined)
      wanted.set(`${stage.definition}/${first.name}`, { tool: stage.definition, providers });
    else {
      // A program on PATH is nothing to install; one that is not there cannot be.
      const { ok, detail } = await checkTool(stage, view);
      if (!ok) wanted.set(stage.definition, { tool: stage.definition, providers, unavailable: detail });
    }
  }
  return success({ workspace: loaded.workspace, lock, wanted: [...wanted.values()] }, compiled.diagnostics);
}
