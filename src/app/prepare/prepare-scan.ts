import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Model } from '../../compiler/model/model.ts';
import type { LoadedManifest, ManifestFile } from '../../compiler/read/load.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Digest } from '../../core/ids.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { VERSION } from '../../core/version.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { checkTargetPaths } from '../compile/check-target-paths.ts';
import { compileManifest } from '../compile/compile-manifest.ts';
import type { CompileRequest } from '../compile/compile-request.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { secretNames } from '../plan-facts/plan-facts.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import { decidePlanTrust } from '../trust/decide-plan-trust.ts';
import type { TrustQuestion } from '../trust/trust-question.ts';

/** What a run starts from, compiled or read from a plan file. */
export interface PreparedScan {
  readonly plan: Plan;
  /** Absolute, links resolved. */
  readonly workspace: string;
  readonly lock: ToolsLock;
  readonly manifest: {
    readonly digest: Digest;
    readonly file: string | null;
    readonly sources: readonly ManifestFile[];
  };
  /** The manifest itself; null for a plan file. */
  readonly source: Pick<LoadedManifest, 'manifest' | 'place' | 'keyPlace'> | null;
  /** Name to source; for a plan file, the environment variable of the same name. */
  readonly secretSources: Readonly<Record<string, string>>;
  readonly cacheDir: string | undefined;
  readonly sandbox: boolean;
  readonly runtime: Model['runtime'];
  /** Baseline, VEX documents and lists that the policy names. */
  readonly policyFiles: ReadPolicyFile;
  /** Of the manifest; nothing for a plan file. */
  readonly dagger: Model['dagger'];
  /** Targets of the manifest that no stage of the plan looks at. */
  readonly idleTargets: readonly string[];
}

/** What surrounds the options: as in a compile request. */
export interface PrepareSurroundings extends Pick<CompileRequest, 'cwd' | 'pullRequest' | 'onResolved'> {
  readonly env: TrustQuestion['env'];
  /** `require` for what runs, `tell` for what only shows. */
  readonly trust: TrustQuestion['mode'];
}

/** Compiles the manifest, or reads `--plan FILE` and applies exactly it. */
export async function prepareScan(
  options: ScanOptions,
  around: PrepareSurroundings,
): Promise<Outcome<PreparedScan>> {
  return options.plan === undefined
    ? await fromManifest(options, around)
    : await fromPlanFile(options, options.plan, around);
}

async function fromManifest(
  options: ScanOptions,
  around: PrepareSurroundings,
): Promise<Outcome<PreparedScan>> {
  const compiled = await compileManifest({ ...options, ...around, trust: questionOf(options, around) });
  if (!compiled.ok) return compiled;
  const { loaded, model, plan, lock } = compiled.value;
  const seen = new Set(toolStages(plan).map((stage) => `${stage.target.kind} ${stage.target.name}`));
  return success(
    {
      plan,
      workspace: loaded.workspace,
      lock,
      manifest: { digest: loaded.digest, file: loaded.manifestPath ?? null, sources: loaded.sources },
      source: loaded,
      secretSources: model.secrets,
      cacheDir: model.cache.dir,
      sandbox: model.sandbox,
      runtime: model.runtime,
      policyFiles: compiled.value.policyFiles,
      dagger: model.dagger,
      idleTargets: model.targets
        .map(({ kind, name }) => `${kind} ${name}`)
        .filter((target) => !seen.has(target)),
    },
    compiled.diagnostics,
  );
}

function questionOf(
  { trustWorkspace, unsandboxed }: ScanOptions,
  { env, trust: mode }: PrepareSurroundings,
): TrustQuestion {
  return { mode, env, trustWorkspace, unsandboxed };
}

async function fromPlanFile(
  options: ScanOptions,
  file: string,
  around: PrepareSurroundings,
): Promise<Outcome<PreparedScan>> {
  const { cwd, pullRequest } = around;
  const workspace = await realpath(resolve(cwd, options.workspace ?? '.')).catch(() => undefined);
  if (workspace === undefined)
    return failed([diagnostic('SP2012', `workspace ${options.workspace} does not exist`)]);
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    return failed([diagnostic('SP3006', `cannot read the plan ${file}: ${(error as Error).message}`)]);
  }
  const plan = readPlan(text, VERSION);
  if (!plan.ok) return plan;
  const deciding = await decidePlanTrust(
    { plan: plan.value, workspace, catalogue },
    questionOf(options, around),
    pullRequest,
  );
  if (!deciding.ok) return deciding;
  const missing = checkTargetPaths(plan.value, workspace);
  if (missing.length > 0) return failed(missing);
  return success(
    {
      plan: plan.value,
      workspace,
      lock: deciding.value,
      manifest: { digest: plan.value.planDigest, file: null, sources: [] },
      source: null,
      // A plan holds names only: what runs it gives the values by the same names.
      secretSources: Object.fromEntries(secretNames(plan.value).map((name) => [name, `env:${name}`])),
      cacheDir: undefined,
      sandbox: true,
      runtime: options.runtime ?? 'local',
      policyFiles: workspaceFiles(workspace),
      dagger: {},
      idleTargets: [],
    },
    deciding.diagnostics,
  );
}
