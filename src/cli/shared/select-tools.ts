import { compileManifest } from '../../app/compile/compile-manifest.ts';
import { pullRequestOf } from '../../app/trust/pull-request.ts';
import { machineView } from '../../app/workspace/machine-view.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import { isToolStage } from '../../planner/ir/ir.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { Provider } from '../../stages/contract/provider.ts';
import type { BundleIndex } from '../../toolchain/carry/bundle-index.ts';
import { pickProvider } from '../../toolchain/provision.ts';
import type { Flags } from './command-spec.ts';
import type { Console } from './console.ts';
import { planFlags } from './plan-flags.ts';
import { unknownTool } from './unknown-tool.ts';

export interface Wanted {
  readonly tool: string;
  /** Absent: nothing that can be installed. */
  readonly provider: Pick<Provider, 'name' | 'bin' | 'kind' | 'sourceBuilds'> & {
    readonly thirdParty?: string;
  };
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
    return known === undefined ? [] : [{ tool, provider: known }];
  });
  return success({ workspace: console.cwd, lock: view.value.lock, wanted }, view.diagnostics);
}

/** Tools by id, each from its first pinned local provider that is its project's own, else the first pinned one. */
async function byName(console: Console, ids: readonly string[], flags: Flags): Promise<Outcome<Selection>> {
  const view = await machineView(console, console.cwd, flags.trustWorkspace === true);
  if (!view.ok) return view;
  const unknown = ids.filter((id) => !catalogue.has(id));
  if (unknown.length > 0) return failed(unknown.map(unknownTool));
  const { lock } = view.value;
  const wanted = [...new Set(ids)].flatMap((tool): readonly Wanted[] => {
    const local = (catalogue.get(tool)?.providers ?? []).filter(({ runtime }) => runtime === 'local');
    const pinned = local.filter(({ name }) => lock.tools[tool]?.[name] !== undefined);
    const provider = pinned.find(({ thirdParty }) => thirdParty === undefined) ?? pinned[0] ?? local[0];
    return provider === undefined ? [] : [{ tool, provider }];
  });
  return success({ workspace: console.cwd, lock, wanted }, view.diagnostics);
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
  const wanted = new Map<string, Wanted>();
  for (const stage of plan.stages) {
    if (!isToolStage(stage)) continue;
    const provider = (pickProvider(stage) ?? stage.providers[0])?.provider;
    // A program on PATH is nothing to install.
    if (provider === undefined || provider.kind === 'path') continue;
    wanted.set(`${stage.definition}/${provider.name}`, { tool: stage.definition, provider });
  }
  return success({ workspace: loaded.workspace, lock, wanted: [...wanted.values()] }, compiled.diagnostics);
}
