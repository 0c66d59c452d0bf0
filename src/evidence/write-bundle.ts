import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import { byCodeUnit } from '../core/canonical.ts';
import type { Finding } from '../core/finding.ts';
import type { Digest, StageId } from '../core/ids.ts';
import { stageFileName } from '../core/stage-file-name.ts';
import type { RunEvent } from '../executor/events.ts';
import type { AttackRecord, BlobStore } from '../executor/ports.ts';
import type { StoredOutputs } from '../executor/stage-artifacts.ts';
import type { DoneResult, StageResult } from '../executor/stage-result.ts';
import { isToolStage, type Plan } from '../planner/ir/ir.ts';
import { serializePlan } from '../planner/plan-file/plan-file.ts';
import { type GateFacts, hasFacts } from '../policy/gate-facts.ts';
import { byImportance } from '../policy/merge-findings.ts';
import { unexaminedList } from '../policy/unexamined.ts';
import type { Verdict } from '../policy/verdict.ts';
import { readJsonReport } from '../stages/formats/json-report.ts';
import type { BundleWriter } from './bundle/bundle-writer.ts';
import { readSboms } from './bundle/licenses.ts';
import { sarifMarks } from './bundle/sarif-marks.ts';
import { sarifChunks } from './bundle/sarif-writer.ts';
import { type Summary, summaryOf } from './bundle/summary.ts';
import type { SbomMerge } from './sbom/place-sboms.ts';
import { reportPath } from './statement/stage-links.ts';
import type { GitFacts } from './statement/statement.ts';

const SARIF = 'application/sarif+json';

export interface BundleInput {
  readonly secplan: string;
  readonly plan: Plan;
  /** sha256 of the manifest's canonical JSON, and its file where there is one. */
  readonly manifest: {
    readonly digest: Digest;
    readonly file: string | null;
    /** Every file that it was read from. */
    readonly sources: readonly { readonly path: string; readonly digest: Digest }[];
  };
  readonly runtime: string;
  /** Scanners ran with nothing around them, by the manifest's or the caller's wish. */
  readonly sandbox?: 'off';
  /** What the sandbox was tried with at the start; absent where nothing was. */
  readonly attacks?: AttackRecord;
  readonly bundle: string;
  readonly results: readonly StageResult[];
  /** Every stored file of each stage, logs included. */
  readonly stored: ReadonlyMap<StageId, StoredOutputs>;
  /** Paths of the services' redacted logs, by service. */
  readonly serviceLogs?: ReadonlyMap<StageId, readonly string[]>;
  /** Bills of materials to be made of several stages' documents. */
  readonly sbomMerges?: readonly SbomMerge[];
  /** Merged. */
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  /** What the verdict depends on besides the policy and the findings. */
  readonly facts: GateFacts;
  readonly git: GitFacts | null;
  readonly events: readonly RunEvent[];
  readonly blobs: BlobStore;
  /** Milliseconds since the epoch, and how long it took. */
  readonly startedAt: number;
  readonly totalMs: number;
  /** Pages for people, rendered by the report layer. */
  readonly pages: (summary: Summary) => Readonly<Record<'report.html' | 'timeline.svg', string>>;
}

/**
 * Writes every document of the bundle's layout (spec section 7) but the statements, and does not seal it.
 * @throws the file system's errors; the caller discards the folder.
 */
export async function writeBundle(writer: BundleWriter, input: BundleInput): Promise<Summary> {
  const { plan, results, verdict } = input;
  const done = results.filter((result) => result.state === 'done');
  await writer.write('plan.json', 'application/json', serializePlan(plan));
  await writer.json('manifest-info.json', {
    schema: 'https://secplan.dev/schema/manifest-info/v1',
    manifestDigest: input.manifest.digest,
    file: input.manifest.file,
    profile: plan.profile,
    thresholds: plan.policy.budgets,
    planDigest: plan.planDigest,
  });
  for (const result of done) await writeReport(writer, result);
  await writeArtifacts(writer, input);
  await writeMergedSboms(writer, input);
  await writer.write(
    'findings.sarif',
    SARIF,
    sarifChunks({ name: 'secplan', version: input.secplan }, input.findings, true, sarifMarks(verdict)),
  );
  await writer.json('verdict.json', verdict);
  if (hasFacts(input.facts)) await writer.json('gate-facts.json', input.facts);
  const unexamined = unexaminedList(results);
  if (unexamined !== undefined) await writer.json('unexamined.json', unexamined);
  const { licenses, sbom } = readSboms(await sbomTexts(input, done));
  await writer.json('licenses.json', licenses);
  await writeLogs(writer, input);
  await writer.write('events.jsonl', 'application/jsonl', jsonLines(input.events));
  const summarise = (artifacts: Summary['artifacts']): Summary => summaryOf({ ...input, artifacts, sbom });
  const pages = input.pages(summarise([]));
  await writer.write('report.html', 'text/html', pages['report.html']);
  await writer.write('timeline.svg', 'image/svg+xml', pages['timeline.svg']);
  const summary = summarise(writer.artifacts());
  await writer.json('summary.json', summary);
  return summary;
}

/** One tool's findings as secplan understood them. */
async function writeReport(writer: BundleWriter, result: DoneResult): Promise<void> {
  const driver = { name: result.toolUsed.name, version: result.toolUsed.version };
  const findings = [...result.findings].sort(byImportance);
  await writer.write(reportPath(result), SARIF, sarifChunks(driver, findings, false));
}

async function writeArtifacts(writer: BundleWriter, { results, blobs }: BundleInput): Promise<void> {
  for (const result of results) {
    if (!('artifacts' in result)) continue;
    for (const artifact of result.artifacts) {
      const bytes = await blobs.read(artifact.digest);
      if (bytes === undefined) {
        const message = `${result.stage}: its ${artifact.output} is no longer in the cache`;
        throw Object.assign(new Error(message), { code: GONE_FROM_CACHE });
      }
      await writer.write(artifact.publishAs, artifact.mediaType, bytes);
    }
  }
}

async function writeMergedSboms(writer: BundleWriter, { sbomMerges, blobs }: BundleInput): Promise<void> {
  if (sbomMerges === undefined || sbomMerges.length === 0) return;
  const { mergeCyclonedx } = await import('./sbom/merge-cyclonedx.ts');
  const { mergeSpdx } = await import('./sbom/merge-spdx.ts');
  for (const { target, format, path, from } of sbomMerges) {
    const documents = await Promise.all(
      from.map(async ({ digest }) => parsed(Buffer.from((await blobs.read(digest)) ?? '').toString('utf8'))),
    );
    const [merge, mediaType] =
      format === 'spdx'
        ? ([mergeSpdx, 'application/spdx+json'] as const)
        : ([mergeCyclonedx, 'application/vnd.cyclonedx+json'] as const);
    await writer.write(path, mediaType, `${JSON.stringify(merge(target, documents), null, 2)}\n`);
  }
}

/** The stage's parser has read it already. */
function parsed(text: string): unknown {
  const read = readJsonReport('sbom', text, z.unknown());
  return read.ok ? read.value : undefined;
}

async function sbomTexts({ blobs, plan }: BundleInput, done: readonly DoneResult[]): Promise<string[]> {
  const cyclonedx = new Set(
    plan.stages.flatMap((stage) =>
      isToolStage(stage)
        ? stage.outputSpecs
            .filter((spec) => spec.type === 'cyclonedx')
            .map((spec) => `${stage.id}/${spec.name}`)
        : [],
    ),
  );
  const wanted = done.flatMap((result) =>
    result.artifacts.filter((artifact) => cyclonedx.has(`${result.stage}/${artifact.output}`)),
  );
  const texts = await Promise.all(wanted.map((artifact) => blobs.read(artifact.digest)));
  return texts.flatMap((bytes) => (bytes === undefined ? [] : [Buffer.from(bytes).toString('utf8')]));
}

/** `code` of the error for a stored file that someone took away between the run and the bundle. */
export const GONE_FROM_CACHE = 'SECPLAN_GONE_FROM_CACHE';

/** One log a stage: standard output and error of every step, except those that are outputs. */
async function writeLogs(writer: BundleWriter, input: BundleInput): Promise<void> {
  const { results, stored, blobs } = input;
  for (const [stage, paths] of input.serviceLogs ?? []) {
    const parts = paths.flatMap((path) => [`== ${basename(path)}\n`, readLog(path), '\n']);
    await writer.write(`logs/${stageFileName(stage)}.log`, 'text/plain', parts);
  }
  for (const { stage } of results) {
    const files = Object.entries(stored.get(stage) ?? {}).filter(([name]) => /\.(stdout|stderr)$/.test(name));
    if (files.length === 0) continue;
    const parts: (string | Uint8Array)[] = [];
    for (const [name, { digest }] of files.sort(([a], [b]) => byCodeUnit(a, b))) {
      parts.push(`== ${name}\n`, (await blobs.read(digest)) ?? 'gone from the cache\n', '\n');
    }
    await writer.write(`logs/${stageFileName(stage)}.log`, 'text/plain', parts);
  }
}

/** One that was never begun is empty. */
function readLog(path: string): Uint8Array | string {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function* jsonLines(items: readonly unknown[]): Generator<string> {
  for (const item of items) yield `${JSON.stringify(item)}\n`;
}
