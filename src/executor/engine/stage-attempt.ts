import type { Failure } from '../../core/failure.ts';
import { type ArtifactId, artifactId, type Digest } from '../../core/ids.ts';
import { storageFailure } from '../../io/storage-failure.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { type CacheKey, cacheKey } from '../cache/cache-key.ts';
import { encodeInputList } from '../cache/input-list.ts';
import type { InputSet } from '../inventory/types.ts';
import type { ActionRecord, Execution, ReadyTool } from '../ports.ts';
import { type StoredOutputs, stageArtifacts } from '../stage-artifacts.ts';
import { type DoneResult, resultBase, type StageResult, type ToolUsed } from '../stage-result.ts';
import { carriedIn } from './carried-in.ts';
import type { Collected } from './collect-outputs.ts';
import { executeStage } from './execute-stage.ts';
import { type Judged, judgeStage, type Understood } from './judge-stage.ts';
import { notApplicable } from './not-applicable.ts';
import { readStored, treesAreThere } from './read-stored.ts';
import type { StageDeps } from './stage-deps.ts';
import { NO_FILES, type StageInput, stageInput } from './stage-input.ts';
import { type StageTimer, startStageTimer } from './stage-timer.ts';
import { toolUsed } from './tool-used.ts';
import { shownFiles } from './unread-files.ts';

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

/** A stage with all that its key is made of. */
interface Ready {
  readonly entry: CatalogueEntry;
  readonly input: StageInput;
  readonly tool: ReadyTool;
  readonly used: ToolUsed;
  readonly key: CacheKey;
}

type Executed = Extract<Execution, { readonly ok: true }>;

/** One attempt at one tool stage: owns its timer, and what is known of it so far. Run once. */
export class StageAttempt {
  readonly #stage: ToolStage;
  readonly #deps: StageDeps;
  readonly #start: StageStart;
  readonly #timer: StageTimer;
  #toolUsed: ToolUsed | null = null;
  #stored: StoredOutputs = {};

  constructor(stage: ToolStage, deps: StageDeps, start: StageStart) {
    this.#stage = stage;
    this.#deps = deps;
    this.#start = start;
    this.#timer = startStageTimer(deps.clock, start.runStart, start.readyAt);
  }

  /**
   * Runs the stage, or takes its result from the cache. Whatever goes wrong is an incomplete result.
   * @throws only bugs
   */
  async run(): Promise<StageRun> {
    let outcome: StageResult | Failure;
    try {
      outcome = await this.#steps();
    } catch (error) {
      const failure = storageFailure(error, 'the cache or the work folder');
      if (failure === undefined) throw error;
      outcome = failure;
    }
    const result = 'reason' in outcome ? this.#incomplete(outcome) : outcome;
    return { result, stored: this.#stored };
  }

  async #steps(): Promise<StageResult | Failure> {
    const entry = this.#definition();
    if ('reason' in entry) return entry;
    const carried = this.#deps.databases?.get(this.#stage.tool);
    if (this.#stage.kind === 'database' && carried !== undefined) return this.#carriedIn(entry, carried);
    const input = await this.#timer.time('hash', () => stageInput(this.#stage, this.#deps.inventory));
    const notRun = input === null ? undefined : notApplicable(this.#stage, input, this.#deps.inventory);
    if (notRun !== undefined) return notRun;
    const unmet = this.#unmetRequirement();
    if (unmet !== undefined) return unmet;
    const provisioned = await this.#timer.time('provision', () =>
      this.#deps.provisioner.provision(this.#stage),
    );
    if (!provisioned.ok) return provisioned.failure;
    const { tool } = provisioned;
    const used = toolUsed(this.#stage, entry, tool);
    this.#toolUsed = used;
    const key = await this.#timer.time('hash', () => this.#key(tool, input));
    const ready = { entry, input: input ?? NO_FILES, tool, used, key };
    return (await this.#fromCache(ready)) ?? this.#fresh(ready);
  }

  #definition(): CatalogueEntry | Failure {
    const { definition, definitionDigest } = this.#stage;
    const entry = this.#deps.catalogue.get(definition);
    if (entry === undefined) return { reason: 'tool-missing', detail: `unknown scanner ${definition}` };
    if (entry.definitionDigest === definitionDigest) return entry;
    const detail = `the plan was compiled for another version of ${definition}`;
    return { reason: 'requirement-unmet', detail };
  }

  async #carriedIn(entry: CatalogueEntry, folder: string): Promise<StageResult | Failure> {
    const taken = await carriedIn({
      stage: this.#stage,
      blobs: this.#deps.caches.blobs,
      entry,
      folder,
      timer: this.#timer,
    });
    if ('reason' in taken) return taken;
    this.#stored = taken.stored;
    return taken.result;
  }

  /** What the stage needs and this run does not have, its tool aside. */
  #unmetRequirement(): Failure | undefined {
    const { runtime, secrets } = this.#deps;
    const refused = (this.#stage.privileges ?? []).filter((name) => runtime.grants?.has(name) !== true);
    if (refused.length > 0) {
      const detail = `it needs ${refused.join(', ')}, which the ${runtime.name} runtime does not grant`;
      return { reason: 'requirement-unmet', detail };
    }
    const missing = this.#stage.secrets.find((name) => secrets[name] === undefined);
    if (missing === undefined) return undefined;
    return { reason: 'requirement-unmet', detail: `it needs the secret ${missing}` };
  }

  #key(tool: ReadyTool, input: InputSet | null): CacheKey {
    const { sandboxed, platform, runtime, day } = this.#deps;
    const surroundings = runtime.surroundings?.(tool);
    return cacheKey({
      stage: this.#stage,
      tool,
      input: input?.digest ?? null,
      artifacts: this.#start.artifacts,
      sandboxed,
      platform,
      day,
      ...(surroundings === undefined ? {} : { surroundings }),
    });
  }

  /** Undefined is a miss; so is a record whose files are gone, or that is no longer understood: the tool runs again. */
  async #fromCache(ready: Ready): Promise<StageResult | undefined> {
    const { key, uncacheable } = ready.key;
    const { actions, blobs } = this.#deps.caches;
    if (uncacheable !== null) return undefined;
    const record = await this.#timer.time('hash', () => actions.get(key, this.#stage.id));
    if (record === undefined || !(await treesAreThere(this.#stage, record, blobs))) return undefined;
    const read = () => readStored(this.#stage, ready.tool.provider, record, blobs);
    const judged = await this.#judge(ready, record, read);
    if (!judged.ok) return undefined;
    this.#stored = record.outputs;
    return this.#done(ready, record, judged, true);
  }

  async #fresh(ready: Ready): Promise<StageResult | Failure> {
    const { entry, input, tool, key } = ready;
    const { artifacts } = this.#start;
    const [stage, deps, timer] = [this.#stage, this.#deps, this.#timer];
    const looked = { root: deps.inventory.root, options: stage.options };
    const shown = await timer.time('sandbox', async () => shownFiles(await entry.report(), input, looked));
    const ran = await executeStage({ stage, deps, entry, input: shown, tool, artifacts, timer });
    this.#stored = ran.stored;
    if (!ran.execution.ok) return ran.execution.failure;
    const record = await this.#record(ready, ran.execution);
    const judged = await this.#judge(ready, record, async () => ran.collected);
    if (!judged.ok) return judged.failure;
    // Only what was understood is kept: a failure is never cached.
    if (key.uncacheable === null) await timer.time('write', () => deps.caches.actions.put(record));
    const wallMs = record.steps.reduce((sum, step) => sum + step.wallMs, 0);
    deps.caches.durations.record(stage.definitionDigest, deps.caches.workspace, wallMs);
    const notes = [...judged.notes, ...(ran.execution.notes ?? [])];
    return this.#done(ready, record, { ...judged, notes }, false);
  }

  async #record({ key, input }: Ready, { steps, sourceRoot, notEnforced }: Executed): Promise<ActionRecord> {
    return {
      schema: 'https://secplan.dev/schema/action/v1',
      key: key.key,
      stage: this.#stage.id,
      parts: key.parts,
      about: key.about,
      steps,
      sourceRoot,
      ...(notEnforced === undefined ? {} : { notEnforced }),
      outputs: this.#stored,
      ...(await this.#inputList(input)),
    };
  }

  /** The paths and digests behind the key, so that `why` can name the files that changed. */
  async #inputList(input: StageInput): Promise<Pick<ActionRecord, 'inputList'>> {
    if (input.digest === null) return {};
    const { caches, inventory } = this.#deps;
    return { inputList: await caches.blobs.putBytes(await encodeInputList(input, inventory)) };
  }

  #judge(
    { entry, input, tool }: Ready,
    record: ActionRecord,
    read: () => Promise<Collected | undefined>,
  ): Promise<Judged> {
    const [stage, deps] = [this.#stage, this.#deps];
    return this.#timer.time('parse', () => judgeStage({ stage, deps, entry, input, tool, record, read }));
  }

  #done(ready: Ready, record: ActionRecord, understood: Understood, cached: boolean): DoneResult {
    const { findings, examined, notes, unexamined } = understood;
    return {
      ...resultBase(this.#stage),
      state: 'done',
      findings,
      examined,
      filesGiven: ready.input.files.length,
      unexamined,
      notes,
      artifacts: stageArtifacts(this.#stage, record.outputs),
      toolUsed: ready.used,
      cached,
      ...(record.sharedBy === undefined ? {} : { sharedBy: record.sharedBy }),
      key: record.key,
      timings: this.#timer.timings(),
      notEnforced: record.notEnforced ?? this.#deps.runtime.notEnforced,
    };
  }

  #incomplete(failure: Failure): StageResult {
    return {
      ...resultBase(this.#stage),
      state: 'incomplete',
      failure,
      toolUsed: this.#toolUsed,
      artifacts: stageArtifacts(this.#stage, this.#stored),
      timings: this.#timer.timings(),
    };
  }
}

/** What consumers of a finished stage can be given. */
export function producedBy(stage: ToolStage, stored: StoredOutputs): [ArtifactId, Digest][] {
  return Object.entries(stored).map(([output, { digest }]) => [artifactId(stage.id, output), digest]);
}
