import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../core/failure.ts';
import type { ArtifactId, Digest } from '../../core/ids.ts';
import { stageFileName } from '../../core/stage-file-name.ts';
import type { ArtifactRef, ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { layTree, readTree, storeTree } from '../cache/tree.ts';
import type { InputSet } from '../inventory/types.ts';
import type { OutputContent } from '../judge/judge.ts';
import type { Execution, ReadyTool, StageInvocation } from '../ports.ts';
import type { StoredOutputs } from '../stage-artifacts.ts';
import { type Collected, collectOutputs, streamOutputs } from './collect-outputs.ts';
import { materialize, removeView, verifyView } from './input-view.ts';
import type { StageDeps } from './stage-deps.ts';
import type { StageInput } from './stage-input.ts';
import type { StageTimer } from './stage-timer.ts';

interface ExecuteRequest {
  readonly stage: ToolStage;
  readonly deps: StageDeps;
  readonly entry: CatalogueEntry;
  readonly input: StageInput;
  readonly tool: ReadyTool;
  readonly artifacts: ReadonlyMap<ArtifactId, Digest>;
  readonly timer: StageTimer;
}

interface Ran {
  readonly execution: Execution;
  readonly collected: Collected;
  readonly stored: StoredOutputs;
}

const NOTHING: Collected = { outputs: {}, logs: {} };
/** A tool that could not be started, was killed or reached nobody may do better; one that said no will say it again. */
const RETRIED = new Set<Failure['reason']>(['spawn-failed', 'signal', 'unreachable']);

/** Shows a tool its files, runs it, and stores what it left, cleaned of secrets. @throws the file system's errors */
export async function executeStage(request: ExecuteRequest): Promise<Ran> {
  const { stage, deps, timer } = request;
  const base = join(deps.workDir, stageFileName(stage.id));
  const view = { input: request.input as InputSet, inventory: deps.inventory, dir: join(base, 'view') };
  const forOthers = deps.runtime.readsAsOther === true;
  const viewRequest = { ...view, mode: deps.sandboxed ? ('link' as const) : ('copy' as const), forOthers };
  try {
    const shown = await timer.time('sandbox', () => materialize(viewRequest));
    if (!shown.ok) return failed(shown.failure);
    const artifacts = await timer.time('sandbox', () => unpackArtifacts(request, base));
    if ('reason' in artifacts) return failed(artifacts);
    for (let attempt = 0; ; attempt += 1) {
      const ran = await runOnce(request, view.dir, join(base, String(attempt)), artifacts);
      const again = !ran.execution.ok && RETRIED.has(ran.execution.failure.reason) && attempt < stage.retries;
      if (again && !deps.signal.aborted) continue;
      // Results of files that changed under the tool's hands are nobody's: not the key's, not the workspace's.
      const still = verifyView(view);
      return still.ok || !ran.execution.ok
        ? ran
        : { ...ran, execution: { ok: false, steps: [], failure: still.failure } };
    }
  } finally {
    await timer.time('sandbox', async () => {
      await removeView(viewRequest);
      rmSync(base, { recursive: true, force: true, maxRetries: 3 });
    });
  }
}

function failed(failure: Failure): Ran {
  return { execution: { ok: false, steps: [], failure }, collected: NOTHING, stored: {} };
}

async function unpackArtifacts(
  request: ExecuteRequest,
  base: string,
): Promise<Map<ArtifactId, string> | Failure> {
  const { stage, deps, artifacts } = request;
  const paths = new Map<ArtifactId, string>();
  for (const [index, input] of stage.inputs.entries()) {
    const digest = artifacts.get(input.id);
    const bytes = digest === undefined ? undefined : await deps.caches.blobs.read(digest);
    if (bytes === undefined) return gone(input);
    const path = join(base, `artifact-${index}`);
    mkdirSync(base, { recursive: true });
    paths.set(input.id, path);
    const forOthers = deps.runtime.readsAsOther === true;
    if (input.type !== 'database') {
      writeFileSync(path, bytes);
      if (forOthers) chmodSync(path, 0o644);
      continue;
    }
    const tree = readTree(Buffer.from(bytes).toString('utf8'));
    const link = deps.sandboxed && input.writable !== true;
    mkdirSync(path);
    if (tree === undefined || !(await layTree(deps.caches.blobs, tree, path, { link, forOthers })))
      return gone(input);
  }
  return paths;
}

function gone(input: ArtifactRef): Failure {
  return { reason: 'input-missing', artifact: input.name, producer: input.id.split('/')[0] ?? input.id };
}

async function runOnce(
  request: ExecuteRequest,
  sourceDir: string,
  dir: string,
  artifacts: ReadonlyMap<ArtifactId, string>,
): Promise<Ran> {
  const { stage, deps, entry, input, tool, timer } = request;
  const [outDir, logDir] = [join(dir, 'out'), join(dir, 'log')];
  for (const folder of [outDir, logDir]) mkdirSync(folder, { recursive: true });
  const invocation: StageInvocation = {
    stage,
    tool,
    input: input as InputSet,
    sourceDir,
    outDir,
    logDir,
    assets: Object.fromEntries(
      Object.entries(stage.assets).map(([name, asset]) => [name, join(deps.packageRoot, asset.path)]),
    ),
    artifacts,
    ...endpointOf(request),
    secrets: Object.fromEntries(stage.secrets.map((name) => [name, deps.secrets[name] ?? ''])),
    redactor: deps.storeRedactor,
    signal: deps.signal,
    endpoints: deps.endpoints?.(stage) ?? [],
    env: deps.env?.(stage) ?? {},
  };
  const execution = await timer.time('sandbox', () => deps.runtime.execute(invocation));
  timer.tool(execution.steps.reduce((sum, step) => sum + step.wallMs, 0));
  const report = await entry.report();
  return timer.time('write', async () => {
    const { provider } = tool;
    const redactor = deps.storeRedactor;
    const files = await collectOutputs({
      ...{ stage, provider, report, redactor, outDir, logDir },
      ...sanitizeLarge(request),
    });
    const collected = await withTrees(request, outDir, files);
    return { execution, collected, stored: await store(request, collected) };
  });
}

function sanitizeLarge({ stage: { definition }, deps }: ExecuteRequest) {
  const { largeReports, signal } = deps;
  if (largeReports === undefined) return {};
  return {
    async sanitizeLarge(output: string, text: string): Promise<OutputContent> {
      const asked = await largeReports.ask({ kind: 'sanitize', definition, output, text }, signal);
      if (!asked.ok) return { kind: 'too-complex', limitBytes: largeReports.limitBytes };
      if ('text' in asked.reply) return { kind: 'text', text: asked.reply.text };
      throw new Error(asked.reply.detail);
    },
  };
}

/** Where an http target is: as the stack says, else as the manifest does. */
function endpointOf({ stage: { target }, deps }: ExecuteRequest): Pick<StageInvocation, 'endpoint'> {
  const endpoint = deps.endpoint?.(target) ?? target.details?.url;
  return typeof endpoint === 'string' ? { endpoint } : {};
}

/** Keeps outputs that are folders; their text is the list of their files. */
async function withTrees({ stage, deps }: ExecuteRequest, outDir: string, collected: Collected) {
  const outputs = { ...collected.outputs };
  for (const { name, file, tree, without } of stage.outputSpecs) {
    if (tree !== true || file === undefined) continue;
    try {
      const text = await storeTree(deps.caches.blobs, join(outDir, file), without);
      outputs[name] = text === undefined ? { kind: 'absent' } : { kind: 'text', text };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      outputs[name] = { kind: 'absent', detail: error.message };
    }
  }
  return { ...collected, outputs };
}

async function store({ deps, tool }: ExecuteRequest, collected: Collected): Promise<StoredOutputs> {
  const texts = new Map<string, string>();
  for (const [name, content] of Object.entries(collected.outputs)) {
    if (content.kind === 'text') texts.set(name, content.text);
  }
  // A stream that is an output is stored once, as the output; an empty log is none.
  const outputs = new Set(streamOutputs(tool.provider).values());
  for (const [name, text] of Object.entries(collected.logs)) {
    if (!outputs.has(name) && text !== '') texts.set(name, deps.storeRedactor.text(text));
  }
  const stored: Record<string, { digest: Digest; size: number }> = {};
  for (const [name, text] of texts) {
    const bytes = Buffer.from(text, 'utf8');
    stored[name] = { digest: await deps.caches.blobs.putBytes(bytes), size: bytes.length };
  }
  return stored;
}
