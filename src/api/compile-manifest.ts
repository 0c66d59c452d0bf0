import { builtInManifest, type LoadedManifest, loadManifest } from '../compiler/load.ts';
import type { Model } from '../compiler/model.ts';
import { BUILT_IN_PROFILES } from '../compiler/profiles.ts';
import { readWorkspaceFacts } from '../compiler/read.ts';
import { resolve } from '../compiler/resolve.ts';
import { type Diagnostic, diagnostic } from '../core/diagnostic.ts';
import { failed, type Outcome, success } from '../core/outcome.ts';
import { VERSION } from '../core/version.ts';
import type { Plan } from '../planner/ir.ts';
import { loadDefinitions } from '../planner/load-definitions.ts';
import { planStages } from '../planner/plan.ts';
import type { StageDefinition } from '../stages/contract.ts';
import { catalogue } from '../stages/registry.gen.ts';
import type { ToolsLock } from '../toolchain/lock-types.ts';
import { readLocks } from '../toolchain/read-lock.ts';
import { assetDigest } from './asset-digest.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { scriptDigest } from './script-digest.ts';

export interface CompileRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly manifest?: string | undefined;
  readonly workspace?: string | undefined;
  readonly profile?: string | undefined;
  readonly runtime?: Model['runtime'] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  /** File with budgets. */
  readonly policy?: string | undefined;
  readonly enforceSla?: boolean | undefined;
  readonly requiresStack?: boolean | undefined;
  /** Base URL of a stack that already runs. */
  readonly stackBaseUrl?: string | undefined;
  /** Called once the manifest is validated and its policy resolved, before planning; with the absolute workspace. */
  readonly onResolved?: ((workspace: string) => void) | undefined;
}

/** Everything that is known once a manifest was compiled; nothing external has been started. */
export interface Compiled {
  readonly loaded: LoadedManifest;
  readonly model: Model;
  readonly plan: Plan;
  readonly lock: ToolsLock;
  readonly definitions: ReadonlyMap<string, StageDefinition<unknown>>;
}

/** Manifest and profile to plan. Reports all errors of the first phase that has one. */
export async function compileManifest(request: CompileRequest): Promise<Outcome<Compiled>> {
  const loading = await load(request);
  if (!loading.ok) return loading;
  const loaded = loading.value;
  const policy =
    request.policy === undefined ? success(undefined) : await readPolicyFile(request.cwd, request.policy);
  if (!policy.ok) return policy;
  const model = resolve(loaded, {
    catalogue,
    facts: readWorkspaceFacts(loaded.workspace),
    ...defined({
      profile: request.profile,
      runtime: request.runtime,
      only: request.only,
      skip: request.skip,
      enforceSla: request.enforceSla,
      requiresStack: request.requiresStack,
      stackBaseUrl: request.stackBaseUrl,
      policyOverride: policy.value,
    }),
  });
  if (!model.ok) return model;
  request.onResolved?.(loaded.workspace);
  const lock = readLocks(loaded.workspace);
  if (!lock.ok) return lock;
  const definitions = await loadDefinitions(model.value, catalogue);
  const plan = planStages(model.value, {
    catalogue,
    definitions,
    lock: lock.value,
    secplanVersion: VERSION,
    assetDigest,
    scriptDigest: (path) => scriptDigest(loaded.workspace, path),
  });
  if (!plan.ok) return failed(plan.diagnostics.map((item) => placed(item, loaded)));
  const diagnostics = [
    ...loading.diagnostics,
    ...model.diagnostics,
    ...plan.diagnostics.map((item) => placed(item, loaded)),
  ];
  return success(
    { loaded, model: model.value, plan: plan.value, lock: lock.value, definitions },
    diagnostics,
  );
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

/** Leaves out members that are undefined, as exact optional properties want it. */
function defined<T extends Record<string, unknown>>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
