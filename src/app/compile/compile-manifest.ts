import type { Model } from '../../compiler/model/model.ts';
import { BUILT_IN_PROFILES } from '../../compiler/names/profiles.ts';
import { builtInManifest, isAbsent, type LoadedManifest, loadManifest } from '../../compiler/read/load.ts';
import { readWorkspace } from '../../compiler/read/read.ts';
import { laterErrors } from '../../compiler/resolve/later-errors.ts';
import { sortDiagnostics } from '../../compiler/source/sort-diagnostics.ts';
import { type Diagnostic, diagnostic, isError } from '../../core/diagnostic.ts';
import { failed, type Outcome, type PartialOutcome, success, valueOrPartial } from '../../core/outcome.ts';
import { VERSION } from '../../core/version.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { loadCommands } from '../../planner/load-commands.ts';
import { checkEachTool, type PartialPlan, planStages } from '../../planner/plan.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { assetDigest } from '../package/asset-digest.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import { checkPrograms } from '../trust/apply-trust.ts';
import { decideTrust } from '../trust/decide-trust.ts';
import { type LockLayers, ownPins, wholeLock } from '../trust/lock-in-force.ts';
import { openPrograms } from '../trust/program-files.ts';
import { scriptDigest } from '../trust/script-digest.ts';
import { checkTargetPaths } from './check-target-paths.ts';
import type { CompileRequest } from './compile-request.ts';
import { resolveManifest } from './resolve-manifest.ts';

/** Everything that is known once a manifest was compiled; nothing external has been started. */
export interface Compiled {
  readonly loaded: LoadedManifest;
  readonly model: Model;
  readonly plan: Plan;
  readonly lock: ToolsLock;
  /** Files that the policy names, of the workspace or of the trusted ref. */
  readonly policyFiles: ReadPolicyFile;
}

/**
 * Manifest and profile to plan. Errors of all phases are reported at once, sorted by place: where one phase fails, the next
 * looks at what the errors leave.
 */
export async function compileManifest(request: CompileRequest): Promise<Outcome<Compiled>> {
  const loading = await load(request);
  const loaded = valueOrPartial(loading);
  if (loaded === undefined) return failed(loading.diagnostics);
  const resolving = await resolveManifest(loaded, request);
  const resolved = valueOrPartial(resolving);
  if (loading.ok && resolving.ok) request.onResolved?.(loaded.workspace);
  const trust = resolved?.trust ?? { loaded, base: undefined, heldTo: undefined };
  const deciding = await decideTrust(trust, request.trust, request.pullRequest);
  const found = [...loading.diagnostics, ...resolving.diagnostics, ...deciding.diagnostics];
  const decided = valueOrPartial(deciding);
  if (resolved === undefined || decided === undefined) return failed(inOrder(found, loaded));
  const { model, policyFiles } = resolved;
  const { layers, cacheDir } = decided;
  const sound = loading.ok && resolving.ok && deciding.ok;
  const planning = await plan(model, layers, loaded, sound ? planStages : checkEachTool);
  const targets = checkTargetPaths(valueOrPartial(planning) ?? NO_STAGES, loaded.workspace, model.targets);
  const later = [...planning.diagnostics, ...targets].map((item) => placed(item, loaded));
  if (!planning.ok || !sound || targets.length > 0) {
    found.push(...laterErrors(later, loaded.repaired).filter(isError));
    return failed(inOrder(found, loaded));
  }
  found.push(...later);
  const untrusted = checkPrograms(planning.value, trust, workspaceFiles(loaded.workspace));
  if (untrusted.length > 0) return failed(inOrder(untrusted, loaded));
  const compiled = {
    loaded,
    model: cacheDir ? model : { ...model, cache: withoutFolder(model.cache) },
    plan: planning.value,
    lock: wholeLock(layers),
    policyFiles,
  };
  return success(compiled, loaded.withLines(found));
}

function withoutFolder({ dir: _, ...cache }: Model['cache']): Model['cache'] {
  return cache;
}

const NO_STAGES: PartialPlan = { stages: [] };

async function plan(
  model: Model,
  layers: LockLayers,
  { workspace }: LoadedManifest,
  planner: typeof planStages,
): Promise<PartialOutcome<Plan, PartialPlan>> {
  const programsOf = openPrograms(workspace);
  return planner(model, {
    catalogue,
    commands: await loadCommands(model, catalogue),
    lock: wholeLock(layers),
    ownPins: ownPins(layers),
    secplanVersion: VERSION,
    assetDigest,
    scriptDigest: (path) => scriptDigest(workspace, path),
    programFiles: (command) => [...(programsOf(command) ?? [])],
  });
}

/** Each once, by place, with its line. */
function inOrder(found: readonly Diagnostic[], loaded: LoadedManifest): readonly Diagnostic[] {
  const seen = new Set<string>();
  const once = found.filter(({ code, pointer, place, summary }) => {
    const key = JSON.stringify([code, pointer, place, summary]);
    return seen.has(key) ? false : seen.add(key);
  });
  return loaded.withLines(sortDiagnostics(once));
}

/** The manifest, or the built-in one where none was named and none is found. */
async function load(request: CompileRequest): Promise<PartialOutcome<LoadedManifest>> {
  const { cwd, manifestPath, workspace } = request;
  // Before the built-in manifest stands in for one that is not found: nothing stands in for a folder.
  const folder = readWorkspace(request);
  if (!folder.ok) return folder;
  const loading = await loadManifest({ cwd, manifestPath, workspace });
  // A stack, and targets to point at it, stand in a manifest only.
  const needsOne = request.requiresStack || BUILT_IN_PROFILES.get(request.profile ?? '')?.requiresStack;
  if (!isAbsent(loading, request)) return loading;
  if (needsOne) {
    const why = `${request.requiresStack ? '--requires-stack' : `profile ${request.profile}`} needs a manifest`;
    return failed(loading.diagnostics.map((item) => ({ ...item, summary: `${why}: ${item.summary}` })));
  }
  const note = diagnostic('SP1011', 'no manifest found: using the built-in one', {
    help: 'Write one with `secplan init`.',
  });
  return success(builtInManifest(folder.value), [note]);
}

/** Gives a planner's diagnostic the place that its pointer has in the manifest. */
function placed(item: Diagnostic, loaded: LoadedManifest): Diagnostic {
  if (item.place !== undefined || item.pointer === undefined) return item;
  const place = loaded.place(item.pointer);
  return place === undefined ? item : { ...item, place };
}
