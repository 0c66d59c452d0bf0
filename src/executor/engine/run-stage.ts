import type { Failure } from '../../core/failure.ts';
import { type ArtifactId, artifactId, type Digest } from '../../core/ids.ts';
import { storageFailure } from '../../io/storage-failure.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { isOwnScript } from '../../stages/contract/own-script.ts';
import { type CacheKey, cacheKey } from '../cache/cache-key.ts';
import { encodeInputList } from '../cache/input-list.ts';
import { compileGlobs } from '../inventory/glob.ts';
import type { InputSet } from '../inventory/types.ts';
import type { ActionRecord, ReadyTool } from '../ports.ts';
import { type StoredOutputs, stageArtifacts } from '../stage-artifacts.ts';
import { type DoneResult, resultBase, type StageResult, type ToolUsed } from '../stage-result.ts';
import { carriedIn } from './carried-in.ts';
import { executeStage } from './execute-stage.ts';
import { judgeStage } from './judge-stage.ts';
import { readStored, treesAreThere } from './read-stored.ts';
import type { StageDeps } from './stage-deps.ts';
import { NO_FILES, type StageInput, stageInput } from './stage-input.ts';
import { type StageTimer, startStageTimer } from './stage-timer.ts';

/** What a stage's run leaves: its result, and every stored file, logs included. */
export interface StageRun {
  readonly result: StageResult;
  readonly stored: StoredOutputs;
}

export interface StageStart {
  /** What producers left, by artifact. */
  readonly artifacts: ReadonlyMap<ArtifactId, Digest>;
  /** `clock.now()` at the run's start and when the stage could have started. */
  readonly runStart: number;
  readonly readyAt: number;
}

/** What only this stage's run knows of so far. */
interface Progress {
  toolUsed: ToolUsed | null;
  stored: StoredOutputs;
}

/**
 * Runs one tool stage, or takes its result from the cache. Whatever goes wrong is an incomplete result.
 * @throws only bugs
 */
export async function runStage(stage: ToolStage, deps: StageDeps, start: StageStart): Promise<StageRun> {
  const timer = startStageTimer(deps.clock, start.runStart, start.readyAt);
  const progress: Progress = { toolUsed: null, stored: {} };
  let outcome: StageResult | Failure;
  try {
    outcome = await attempt(stage, deps, start, timer, progress);
  } catch (error) {
    const failure = storageFailure(error, 'the cache or the work folder');
    if (failure === undefined) throw error;
    outcome = failure;
  }
  if (!('reason' in outcome)) return { result: outcome, stored: progress.stored };
  const result: StageResult = {
    ...resultBase(stage),
    state: 'incomplete',
    failure: outcome,
    toolUsed: progress.toolUsed,
    artifacts: stageArtifacts(stage, progress.stored),
    timings: timer.timings(),
  };
  return { result, stored: progress.stored };
}

async function attempt(
  stage: ToolStage,
  deps: StageDeps,
  start: StageStart,
  timer: StageTimer,
  progress: Progress,
): Promise<StageResult | Failure> {
  const entry = deps.catalogue.get(stage.definition);
  if (entry === undefined)
    return { reason: 'tool-missing', detail: `no scanner ${stage.definition} is known` };
  if (entry.definitionDigest !== stage.definitionDigest) {
    return {
      reason: 'requirement-unmet',
      detail: `the plan was made for another version of ${stage.definition}`,
    };
  }
  const carried = deps.databases?.get(stage.tool);
  if (stage.kind === 'database' && carried !== undefined)
    return carriedIn({ stage, deps, entry, folder: carried, timer, progress });
  const input = await timer.time('hash', () => stageInput(stage, deps.inventory));
  const notRun = input === null ? undefined : notApplicable(stage, deps, input);
  if (notRun !== undefined) return notRun;
  const refused = (stage.privileges ?? []).filter((name) => deps.runtime.grants?.has(name) !== true);
  if (refused.length > 0) {
    const detail = `it needs ${refused.join(', ')}, which the ${deps.runtime.name} runtime does not grant`;
    return { reason: 'requirement-unmet', detail };
  }
  const missing = stage.secrets.find((name) => deps.secrets[name] === undefined);
  if (missing !== undefined) return { reason: 'requirement-unmet', detail: `it needs the secret ${missing}` };
  const provisioned = await timer.time('provision', () => deps.provisioner.provision(stage));
  if (!provisioned.ok) return provisioned.failure;
  const { tool } = provisioned;
  progress.toolUsed = toolUsed(stage, entry, tool);
  const key = await timer.time('hash', () => keyOf(stage, deps, tool, input, start));
  const files = input ?? NO_FILES;
  const cached = await fromCache(stage, deps, entry, files, tool, key, timer, progress);
  return cached ?? fresh(stage, deps, entry, files, tool, key, start, timer, progress);
}

function notApplicable(
  stage: ToolStage,
  deps: StageDeps,
  input: InputSet,
): StageResult | Failure | undefined {
  // A script that a custom stage brings along is nothing to look at.
  const scripts = stage.scripts ?? {};
  const base = resultBase(stage);
  if (input.files.some(({ path }) => !Object.hasOwn(scripts, path))) {
    const { appliesIf } = stage;
    if (appliesIf === undefined || input.files.some(({ path }) => compileGlobs(appliesIf)(path)))
      return undefined;
    const evidence = `no file matches ${listed(appliesIf)} (${input.files.length} files it could read seen)`;
    return { ...base, state: 'not-applicable', evidence };
  }
  if (stage.target.path === undefined) {
    const detail = `none of the files that the target ${stage.target.name} names is there: ${listed(stage.selection.include)}`;
    return { reason: 'requirement-unmet', detail };
  }
  const taken = input.excludedByManifest;
  if (taken > 0) {
    const evidence = `${taken} matching ${taken === 1 ? 'file' : 'files'}, all excluded by the manifest`;
    return { ...base, state: 'excluded', evidence };
  }
  const { include, limitTo = [] } = stage.selection;
  const globs = [listed(include), ...(limitTo.length > 0 ? [`limited to ${listed(limitTo)}`] : [])].join(' ');
  const evidence = `no file matches ${globs} (${deps.inventory.files.length} files seen)`;
  return { ...base, state: 'not-applicable', evidence };
}

function listed(globs: readonly string[]): string {
  const shown = globs.slice(0, 3).join(', ');
  return globs.length > 3 ? `${shown} and ${globs.length - 3} more` : shown;
}

/**
 * A stage of the user's own goes by its own name; the version of what starts it says nothing of it. Nor does it of a script of
 * secplan's, which is known by what ships with it: the machine's Node would make it another tool on every machine.
 */
function toolUsed(stage: ToolStage, entry: CatalogueEntry, tool: ReadyTool): ToolUsed {
  const { provider } = tool.provider;
  const own = stage.definition !== stage.tool;
  const script = isOwnScript(provider) ? Object.values(stage.assets)[0] : undefined;
  return {
    name: own ? stage.tool : (provider.standsInAs ?? entry.tool.name),
    version: own || script !== undefined ? null : tool.version,
    digest: script?.digest ?? tool.digest,
    provider: provider.name,
    pinned: tool.pinned,
    thirdParty: provider.thirdParty ?? null,
  };
}

function keyOf(
  stage: ToolStage,
  deps: StageDeps,
  tool: ReadyTool,
  input: InputSet | null,
  start: StageStart,
): CacheKey {
  const { sandboxed, platform, runtime, day } = deps;
  const surroundings = runtime.surroundings?.(tool);
  return cacheKey({
    stage,
    tool,
    input: input?.digest ?? null,
    artifacts: start.artifacts,
    sandboxed,
    platform,
    day,
    ...(surroundings === undefined ? {} : { surroundings }),
  });
}

/** Undefined is a miss; so is a record whose files are gone, or that is no longer understood: the tool runs again. */
async function fromCache(
  stage: ToolStage,
  deps: StageDeps,
  entry: CatalogueEntry,
  input: StageInput,
  tool: ReadyTool,
  key: CacheKey,
  timer: StageTimer,
  progress: Progress,
): Promise<StageResult | undefined> {
  if (key.uncacheable !== null) return undefined;
  const record = await timer.time('hash', () => deps.caches.actions.get(key.key, stage.id));
  if (record === undefined || !(await treesAreThere(stage, record, deps.caches.blobs))) return undefined;
  const read = () => readStored(stage, tool.provider, record, deps.caches.blobs);
  const judged = await timer.time('parse', () =>
    judgeStage({ stage, deps, entry, input, tool, record, read }),
  );
  if (!judged.ok) return undefined;
  progress.stored = record.outputs;
  return done(stage, deps, input, judged, record, timer, toolUsed(stage, entry, tool), true);
}

async function fresh(
  stage: ToolStage,
  deps: StageDeps,
  entry: CatalogueEntry,
  input: StageInput,
  tool: ReadyTool,
  key: CacheKey,
  start: StageStart,
  timer: StageTimer,
  progress: Progress,
): Promise<StageResult | Failure> {
  const ran = await executeStage({ stage, deps, entry, input, tool, artifacts: start.artifacts, timer });
  progress.stored = ran.stored;
  if (!ran.execution.ok) return ran.execution.failure;
  const record: ActionRecord = {
    schema: 'https://secplan.dev/schema/action/v1',
    key: key.key,
    stage: stage.id,
    parts: key.parts,
    about: key.about,
    steps: ran.execution.steps,
    sourceRoot: ran.execution.sourceRoot,
    ...(ran.execution.notEnforced === undefined ? {} : { notEnforced: ran.execution.notEnforced }),
    outputs: ran.stored,
    ...(await inputList(deps, input)),
  };
  const read = async () => ran.collected;
  const judged = await timer.time('parse', () =>
    judgeStage({ stage, deps, entry, input, tool, record, read }),
  );
  if (!judged.ok) return judged.failure;
  // Only what was understood is kept: a failure is never cached.
  if (key.uncacheable === null) await timer.time('write', () => deps.caches.actions.put(record));
  const wallMs = record.steps.reduce((sum, step) => sum + step.wallMs, 0);
  deps.caches.durations.record(stage.definitionDigest, deps.caches.workspace, wallMs);
  const notes = [...judged.notes, ...(ran.execution.notes ?? [])];
  return done(stage, deps, input, { ...judged, notes }, record, timer, toolUsed(stage, entry, tool), false);
}

/** The paths and digests behind the key, so that `why` can name the files that changed. */
async function inputList(deps: StageDeps, input: StageInput): Promise<Pick<ActionRecord, 'inputList'>> {
  if (input.digest === null) return {};
  return { inputList: await deps.caches.blobs.putBytes(await encodeInputList(input, deps.inventory)) };
}

function done(
  stage: ToolStage,
  deps: StageDeps,
  input: StageInput,
  judged: Pick<DoneResult, 'findings' | 'examined' | 'notes'>,
  record: ActionRecord,
  timer: StageTimer,
  used: ToolUsed,
  cached: boolean,
): DoneResult {
  const { findings, examined, notes } = judged;
  return {
    ...resultBase(stage),
    state: 'done',
    findings,
    examined,
    filesGiven: input.files.length,
    notes,
    artifacts: stageArtifacts(stage, record.outputs),
    toolUsed: used,
    cached,
    ...(record.sharedBy === undefined ? {} : { sharedBy: record.sharedBy }),
    key: record.key,
    timings: timer.timings(),
    notEnforced: record.notEnforced ?? deps.runtime.notEnforced,
  };
}

/** What consumers of a finished stage can be given. */
export function producedBy(stage: ToolStage, stored: StoredOutputs): [ArtifactId, Digest][] {
  return Object.entries(stored).map(([output, { digest }]) => [artifactId(stage.id, output), digest]);
}
