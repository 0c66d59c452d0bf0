import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { runScan } from '../../app/scan/run-scan.ts';
import { type Digest, stageId } from '../../core/ids.ts';
import { notRunText } from '../../core/not-run.ts';
import { stageFileName } from '../../core/stage-file-name.ts';
import { openCacheSeal } from '../../executor/cache/cache-seal.ts';
import { openCaches } from '../../executor/cache/open-caches.ts';
import { readTree } from '../../executor/cache/tree.ts';
import type { DoneResult, IncompleteResult } from '../../executor/stage-result.ts';
import { catalogue } from '../catalogue.gen.ts';
import { type CaseFile, caseFolder, caseTarget, type RawRun, type Rerun } from './case-file.ts';
import { manifestTarget } from './world-targets.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const PROFILE = 'recorded-case';

/** What a real run of one scanner left, as `case.json` wants it. */
export interface Recording extends RawRun {
  readonly result: DoneResult | IncompleteResult;
}

/** Either, or a sentence that says why the scanner could not be run. */
export type Recorded =
  | { readonly recording: Recording }
  | { readonly refused: string; readonly absent: boolean };

export interface RecordRequest {
  readonly id: string;
  /** Absolute. */
  readonly workspace: string;
  /** What the case is to be run with; goes before what the workspace's own manifest says of the tool. */
  readonly tool: Partial<Pick<CaseFile, 'provider' | 'options' | 'args' | 'target'>>;
}

/** Where a case is run: what it names, its own `workspace`, else what every scanner is recorded on. Absolute. */
export function caseWorkspace(id: string, name: string, rerun?: Pick<Rerun, 'workspace'>): string {
  if (rerun?.workspace !== undefined) return join(ROOT, rerun.workspace);
  const own = join(caseFolder(id, name), 'workspace');
  if (existsSync(own)) return own;
  return join(
    ROOT,
    name.startsWith('findings') ? 'manifests/examples/light-python' : 'tests/support/clean-workspace',
  );
}

/**
 * Runs one scanner as a user would, on a copy of a workspace with its own cache, and gives back what it left.
 * Tools come from the user's store, and are installed where they are missing.
 */
export async function recordRun({ id, workspace: from, tool }: RecordRequest): Promise<Recorded> {
  const scratch = mkdtempSync(join(tmpdir(), 'secplan-record-'));
  try {
    const workspace = join(scratch, 'workspace');
    const cache = join(scratch, 'cache');
    mkdirSync(workspace);
    cpSync(from, workspace, {
      recursive: true,
      // What a run in place leaves is no part of a workspace.
      filter: (path) => !/\/build(\/|$)/.test(path.slice(from.length)),
    });
    // Beside the workspace: a file more would be scanned.
    const manifest = join(scratch, 'secplan.json');
    const given = await manifestFor(workspace, id, tool);
    const name = catalogue.get(id)?.userDefined ? (Object.keys(given.tools?.custom ?? {})[0] ?? id) : id;
    // A separate profile: the built-in ones set options.
    const profiles = { ...given.profiles, [PROFILE]: { tools: { enable: [name] } } };
    writeFileSync(manifest, JSON.stringify({ ...given, profiles }));
    const { scan, diagnostics } = await runScan({
      cwd: workspace,
      env: { ...process.env, SECPLAN_CACHE_DIR: cache },
      signal: new AbortController().signal,
      now: Date.now,
      onEvent: () => undefined,
      options: {
        manifestPath: manifest,
        workspace,
        profile: PROFILE,
        // The sample workspace is the recorder's.
        trustWorkspace: true,
        only: [name],
        exportDir: join(scratch, 'export'),
        databases: join(ROOT, 'tests/support/databases'),
      },
    });
    const result = scan?.results.find((item) => item.tool === name);
    if (result === undefined) return { refused: JSON.stringify(diagnostics), absent: false };
    if (
      result.state === 'incomplete' &&
      ['tool-missing', 'install-failed', 'tool-changed'].includes(result.failure.reason)
    )
      return { refused: JSON.stringify(result.failure), absent: true };
    if (result.state !== 'done' && result.state !== 'incomplete')
      return { refused: `${result.state}: ${notRunText(result.why)}`, absent: false };
    return { recording: { result, ...(await leftBy(result, cache, workspace, join(scratch, 'export'))) } };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The workspace's own with the case's target, or one of the source tree and of that target, else the world's. */
async function manifestFor(workspace: string, id: string, tool: RecordRequest['tool']): Promise<Manifest> {
  const file = ['secplan.json', 'secplan.yaml']
    .map((item) => join(workspace, item))
    .find((item) => existsSync(item));
  const found = file === undefined ? undefined : (parse(readFileSync(file, 'utf8')) as Manifest);
  const stage = catalogue.get(id);
  const target = stage === undefined ? undefined : manifestTarget(caseTarget(stage, tool));
  const manifest: Manifest = found ?? {
    apiVersion: 'secplan/v1',
    metadata: { name: 'case' },
    targets: { source: { path: '.' }, ...target },
  };
  const targets = tool.target === undefined ? {} : { targets: { ...manifest.targets, ...target } };
  const own = manifest.tools?.[id] ?? {};
  const merged = {
    ...own,
    ...(tool.provider === undefined ? {} : { provider: tool.provider }),
    ...(tool.args === undefined || tool.args.length === 0 ? {} : { args: tool.args }),
    options: { ...own.options, ...tool.options },
  };
  // A user's own stage is declared whole in the workspace's manifest.
  return stage?.userDefined
    ? manifest
    : { ...manifest, ...targets, tools: { ...manifest.tools, [id]: merged } };
}

interface Manifest {
  readonly targets?: Readonly<Record<string, unknown>>;
  readonly profiles?: Readonly<Record<string, unknown>>;
  readonly tools?: Readonly<Record<string, { readonly options?: Readonly<Record<string, unknown>> }>>;
  readonly [key: string]: unknown;
}

async function leftBy(
  result: DoneResult | IncompleteResult,
  cache: string,
  workspace: string,
  exported: string,
): Promise<RawRun> {
  const seal = openCacheSeal(process.env, workspace);
  const caches = seal.ok ? await openCaches(cache, workspace, seal.value) : seal;
  if (!caches.ok) throw new Error('the scratch cache cannot be opened');
  const { actions, blobs } = caches.value;
  const { tool, target } = result;
  const record = await actions.latest(target === 'source' ? stageId(tool) : stageId(tool, target));
  // What depends on servers, or failed, is in no cache: then the outputs are the bundle's.
  const stored: Readonly<Record<string, { readonly digest: Digest }>> =
    record?.outputs ??
    Object.fromEntries(result.artifacts.map((item) => [item.output, { digest: item.digest }]));
  const outputs: Record<string, string> = {};
  const log: Record<string, string> = { stdout: '', stderr: '' };
  for (const [output, { digest }] of Object.entries(stored)) {
    const text = Buffer.from((await blobs.read(digest)) ?? []).toString('utf8');
    const stream = /\.(stdout|stderr)$/.exec(output)?.[1];
    if (stream === undefined) outputs[output] = text;
    else log[stream] = `${log[stream] ?? ''}${text}`;
  }
  const tree = catalogue.get(tool)?.outputs.find((output) => output.tree === true)?.name;
  const list = tree === undefined || record !== undefined ? undefined : keptTree(join(cache, 'blobs'));
  if (tree !== undefined && list !== undefined) outputs[tree] = list;
  if (record === undefined)
    bundledLog(join(exported, 'latest/logs', `${stageFileName(result.stage)}.log`), log);
  return { outputs, log: { stdout: log.stdout ?? '', stderr: log.stderr ?? '' } };
}

/** The list of a tree that a stage left; it is in no bundle, and among the blobs even of what is not cached. */
function keptTree(blobs: string): string | undefined {
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => readFileSync(join(item.parentPath, item.name), 'utf8'))
    .find((text) => text.startsWith('{"files":[') && readTree(text) !== undefined);
}

/** The parts of a stage's log in the bundle, each below a line `== STEP.STREAM`. */
function bundledLog(path: string, log: Record<string, string>): void {
  if (!existsSync(path)) return;
  for (const part of `\n${readFileSync(path, 'utf8')}`.split('\n== ').slice(1)) {
    const stream = /^\S+\.(stdout|stderr)\n/.exec(part)?.[1];
    if (stream !== undefined)
      log[stream] = `${log[stream] ?? ''}${part.slice(part.indexOf('\n') + 1).trimEnd()}\n`;
  }
}
