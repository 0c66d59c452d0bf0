import { diagnostic } from '../../core/diagnostic.ts';
import { didYouMean as nearest } from '../../core/did-you-mean.ts';
import type { Digest } from '../../core/ids.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import {
  type CacheKey,
  type ChangedFiles,
  cacheKey,
  explainMiss,
  type MissReason,
} from '../../executor/cache/cache-key.ts';
import { compareInputLists, encodeInputList } from '../../executor/cache/input-list.ts';
import type { Caches } from '../../executor/cache/open-caches.ts';
import { stageInput } from '../../executor/engine/stage-input.ts';
import type { InputSet, WorkspaceInventory } from '../../executor/inventory/types.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { utcDay } from '../../policy/day.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { createProvisioner } from '../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import { checkTool } from '../../toolchain/tool-check.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { type PreparedScan, prepareScan } from '../prepare/prepare-scan.ts';
import { openRuntime } from '../runtime/open-runtime.ts';
import { placeOf } from '../runtime/place-of.ts';
import { openWorkspace } from '../workspace/open-workspace.ts';

export interface WhyRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stage id. */
  readonly stage: string;
  readonly options: ScanOptions;
  /** Milliseconds since the epoch, as a run's: a fetched database is kept for a day. */
  readonly now: () => number;
}

export interface Why {
  readonly schema: 'https://secplan.dev/schema/why/v1';
  readonly stage: string;
  /** `cached`: its result would be taken from the cache now. */
  readonly state: 'cached' | 'would-run' | 'no-input' | 'tool-not-installed';
  readonly reasons: readonly MissReason[];
  readonly key: Digest | null;
}

/** Says, without running anything, whether a stage would be taken from the cache and, if not, which fields differ. */
export async function whyStage(request: WhyRequest): Promise<Outcome<Why>> {
  const { cwd, env, options } = request;
  const prepared = await prepareScan(options, { cwd, env, trust: 'tell' });
  if (!prepared.ok) return prepared;
  const stages = toolStages(prepared.value.plan);
  const stage = stages.find(({ id }) => id === request.stage);
  if (stage === undefined) return failed([unknownStage(request.stage, stages)]);
  const open = await openWorkspace(prepared.value, { cwd, env, exportDir: options.exportDir });
  if (!open.ok) return open;
  const { caches, inventory } = open.value;
  const answer = (state: Why['state'], reasons: readonly MissReason[], key: Digest | null): Outcome<Why> =>
    success({ schema: 'https://secplan.dev/schema/why/v1', stage: stage.id, state, reasons, key });
  const input = await stageInput(stage, inventory);
  if (input !== null && input.files.length === 0) {
    const text = `no file matches ${stage.selection.include.join(', ')}`;
    return answer('no-input', [{ field: 'files', text }], null);
  }
  const key = await keyNow(stage, input, prepared.value, request);
  if (key === undefined) {
    const text = await whyNoTool(stage, prepared.value, request);
    return answer('tool-not-installed', [{ field: 'tool', text }], null);
  }
  if (key.uncacheable === null && (await caches.actions.get(key.key, stage.id)) !== undefined)
    return answer('cached', [], key.key);
  const previous = await caches.actions.latest(stage.id);
  const files = await changedFiles(caches, inventory, input, previous?.inputList);
  return answer('would-run', explainMiss(previous, key, files), key.key);
}

async function whyNoTool(
  stage: ToolStage,
  { lock, workspace, runtime }: PreparedScan,
  { env }: WhyRequest,
): Promise<string> {
  const view = { store: openStore(toolsDir(env)), lock, workspace, env, entryOf };
  const { ok, detail, fix } = await checkTool(stage, view, placeOf(runtime));
  return ok ? 'the tool is not installed; run `secplan tools install` or `secplan run`' : `${detail}. ${fix}`;
}

function entryOf(definition: string) {
  return catalogue.get(definition);
}

/** The key that the stage would have in a run that begins now; undefined where its tool is not installed. */
async function keyNow(
  stage: ToolStage,
  input: InputSet | null,
  prepared: PreparedScan,
  { env, options, now }: WhyRequest,
): Promise<CacheKey | undefined> {
  const { runtime, place, sandboxed, platform } = await openRuntime({ prepared, options, env });
  const provisioner = createProvisioner({
    store: openStore(toolsDir(env)),
    lock: prepared.lock,
    offline: true,
    locked: false,
    place,
    entryOf,
    workspace: prepared.workspace,
    env,
  });
  const ready = await provisioner.provision(stage);
  if (!ready.ok) return undefined;
  const surroundings = runtime.surroundings?.(ready.tool);
  return cacheKey({
    stage,
    tool: ready.tool,
    input: input?.digest ?? null,
    // Keys of consumed artifacts are known only when their producers have run.
    artifacts: new Map(),
    sandboxed,
    platform,
    day: utcDay(now()),
    ...(surroundings === undefined ? {} : { surroundings }),
  });
}

async function changedFiles(
  caches: Caches,
  inventory: WorkspaceInventory,
  input: InputSet | null,
  list: Digest | undefined,
): Promise<ChangedFiles | undefined> {
  if (input === null || list === undefined) return undefined;
  const before = await caches.blobs.read(list);
  return before === undefined
    ? undefined
    : compareInputLists(before, await encodeInputList(input, inventory));
}

function unknownStage(name: string, stages: readonly ToolStage[]) {
  const ids = stages.map((stage) => stage.id);
  const near = nearest(name, ids);
  return diagnostic('SP3005', `no stage ${JSON.stringify(name)} in this plan`, {
    allowed: ids,
    ...(near === undefined ? {} : { didYouMean: near }),
  });
}
