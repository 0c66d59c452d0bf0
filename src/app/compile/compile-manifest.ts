import type { Model } from '../../compiler/model/model.ts';
import { BUILT_IN_PROFILES } from '../../compiler/names/profiles.ts';
import { builtInManifest, type LoadedManifest, loadManifest } from '../../compiler/read/load.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { VERSION } from '../../core/version.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import { readLocks } from '../../lock/read-lock.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { loadCommands } from '../../planner/load-commands.ts';
import { planStages } from '../../planner/plan.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { assetDigest } from '../package/asset-digest.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import { checkPrograms } from '../trust/apply-trust.ts';
import { checkTargetPaths } from './check-target-paths.ts';
import type { CompileRequest } from './compile-request.ts';
import { defined } from './defined.ts';
import { resolveManifest } from './resolve-manifest.ts';
import { scriptDigest } from './script-digest.ts';

/** Everything that is known once a manifest was compiled; nothing external has been started. */
export interface Compiled {
  readonly loaded: LoadedManifest;
  readonly model: Model;
  readonly plan: Plan;
  readonly lock: ToolsLock;
  /** Files that the policy names, of the workspace or of the trusted ref. */
  readonly policyFiles: ReadPolicyFile;
}

/** Manifest and profile to plan. Reports all errors of the first phase that has one. */
export async function compileManifest(request: CompileRequest): Promise<Outcome<Compiled>> {
  const loading = await load(request);
  if (!loading.ok) return loading;
  const loaded = loading.value;
  const resolved = await resolveManifest(loaded, request);
  if (!resolved.ok) return resolved;
  const { model, trust, policyFiles } = resolved.value;
  request.onResolved?.(loaded.workspace);
  const lock = readLocks(loaded.workspace);
  if (!lock.ok) return lock;
  const plan = planStages(model, {
    catalogue,
    commands: await loadCommands(model, catalogue),
    lock: lock.value,
    secplanVersion: VERSION,
    assetDigest,
    scriptDigest: (path) => scriptDigest(loaded.workspace, path),
  });
  if (!plan.ok) return failed(plan.diagnostics.map((item) => placed(item, loaded)));
  const missing = checkTargetPaths(plan.value, loaded.workspace, model.targets);
  if (missing.length > 0) return failed(missing.map((item) => placed(item, loaded)));
  const untrusted = checkPrograms(plan.value, trust, workspaceFiles(loaded.workspace));
  if (untrusted.length > 0) return failed(untrusted);
  const diagnostics = [
    ...loading.diagnostics,
    ...resolved.diagnostics,
    ...plan.diagnostics.map((item) => placed(item, loaded)),
  ];
  return success({ loaded, model, plan: plan.value, lock: lock.value, policyFiles }, diagnostics);
}

/** The manifest, or the built-in one where none was named and none is found. */
async function load(request: CompileRequest): Promise<Outcome<LoadedManifest>> {
  const { cwd, manifest, workspace } = request;
  const loading = await loadManifest({ cwd, ...defined({ manifestPath: manifest, workspace }) });
  const absent =
    !loading.ok && manifest === undefined && loading.diagnostics.every((item) => item.code === 'SP1001');
  // A stack, and targets to point at it, stand in a manifest only.
  const needsOne = request.requiresStack || BUILT_IN_PROFILES.get(request.profile ?? '')?.requiresStack;
  if (!absent) return loading;
  if (needsOne) {
    const why = `${request.requiresStack ? '--requires-stack' : `profile ${request.profile}`} needs a manifest`;
    return failed(loading.diagnostics.map((item) => ({ ...item, summary: `${why}: ${item.summary}` })));
  }
  const note = diagnostic('SP1011', 'no manifest here: the built-in one is used', {
    help: 'Write one with `secplan init`.',
  });
  return success(builtInManifest(workspace ?? cwd), [note]);
}

/** Gives a planner's diagnostic the place that its pointer has in the manifest. */
function placed(item: Diagnostic, loaded: LoadedManifest): Diagnostic {
  if (item.place !== undefined || item.pointer === undefined) return item;
  const place = loaded.place(item.pointer);
  return place === undefined ? item : { ...item, place };
}
