import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreRedactor } from '../../core/redaction/redactor.ts';
import type { PlannedProvider, ToolStage } from '../../planner/ir/ir.ts';
import type { OutputSpec } from '../../stages/contract/output.ts';
import type { StageReport } from '../../stages/contract/report.ts';
import { OUTPUT_LIMIT_BYTES, type OutputContent } from '../judge/judge.ts';
import { LARGE_CHARACTERS } from './large-reports.ts';

export interface Collected {
  readonly outputs: Readonly<Record<string, OutputContent>>;
  /** By `<step>.stdout` and `<step>.stderr`; streams that are outputs stand here too. */
  readonly logs: Readonly<Record<string, string>>;
}

interface CollectFrom {
  readonly stage: Pick<ToolStage, 'outputSpecs'>;
  readonly provider: Pick<PlannedProvider, 'steps'>;
  readonly report: Pick<StageReport<unknown>, 'sanitize'>;
  readonly redactor: StoreRedactor;
  /** Does the same as the report's `sanitize`, for what is large. */
  readonly sanitizeLarge?: (output: string, text: string) => Promise<OutputContent>;
  readonly outDir: string;
  readonly logDir: string;
}

/** Reads what a tool left, with secrets taken out. A link, a device or a file elsewhere is never read. */
export async function collectOutputs(from: CollectFrom): Promise<Collected> {
  const outputs: Record<string, OutputContent> = {};
  const streams = streamOutputs(from.provider);
  for (const spec of from.stage.outputSpecs) {
    const stream = streams.get(spec.name);
    // A folder is kept by whoever has the store.
    if (spec.tree === true) continue;
    const [folder, name] = spec.file === undefined ? [from.logDir, stream] : [from.outDir, spec.file];
    if (name !== undefined) outputs[spec.name] = await cleaned(from, spec, readOutput(folder, name));
  }
  const logs: Record<string, string> = {};
  for (const step of from.provider.steps) {
    for (const name of [`${step.id}.stdout`, `${step.id}.stderr`]) {
      const content = readOutput(from.logDir, name);
      if (content.kind === 'text') logs[name] = content.text;
      if (content.kind === 'not-utf8') logs[name] = readFileSync(join(from.logDir, name), 'utf8');
    }
  }
  return { outputs, logs: withStreamOutputs(from.provider, outputs, logs) };
}

/** Output name to the log file that is this output. */
export function streamOutputs(provider: Pick<PlannedProvider, 'steps'>): ReadonlyMap<string, string> {
  const streams = new Map<string, string>();
  for (const step of provider.steps) {
    if (step.stdout !== undefined) streams.set(step.stdout, `${step.id}.stdout`);
    if (step.stderr !== undefined) streams.set(step.stderr, `${step.id}.stderr`);
  }
  return streams;
}

/** Logs, with each stream that is an output standing in its cleaned form. */
export function withStreamOutputs(
  provider: Pick<PlannedProvider, 'steps'>,
  outputs: Readonly<Record<string, OutputContent>>,
  logs: Readonly<Record<string, string>>,
): Record<string, string> {
  const all = { ...logs };
  for (const [output, log] of streamOutputs(provider)) {
    const content = outputs[output];
    if (content?.kind === 'text') all[log] = content.text;
  }
  return all;
}

async function cleaned(from: CollectFrom, spec: OutputSpec, content: OutputContent): Promise<OutputContent> {
  if (content.kind !== 'text') return content;
  try {
    const sanitized = await sanitize(from, spec, content.text);
    return sanitized.kind === 'text' ? { kind: 'text', text: from.redactor.text(sanitized.text) } : sanitized;
  } catch (error) {
    // Kept out altogether: what could not be cleaned may hold secrets.
    return {
      kind: 'absent',
      detail: `secplan could not remove secrets from it: ${String(error).slice(0, 200)}`,
    };
  }
}

async function sanitize(from: CollectFrom, { name }: OutputSpec, text: string): Promise<OutputContent> {
  const { report, sanitizeLarge } = from;
  if (report.sanitize === undefined) return { kind: 'text', text };
  if (sanitizeLarge !== undefined && text.length >= LARGE_CHARACTERS) return sanitizeLarge(name, text);
  return { kind: 'text', text: report.sanitize(name, text) };
}

function readOutput(folder: string, name: string): OutputContent {
  let file: number | undefined;
  try {
    const path = join(folder, name);
    const inside = realpathSync(path) === join(realpathSync(folder), name);
    if (!inside) return { kind: 'absent', detail: 'it is a link' };
    // Non-blocking: opening a FIFO would wait for a writer for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: 'absent', detail: 'it is not a regular file' };
    if (stat.size > OUTPUT_LIMIT_BYTES) return { kind: 'too-large', limitBytes: OUTPUT_LIMIT_BYTES };
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) return { kind: 'not-utf8' };
    return { kind: 'text', text: decodeOutput(bytes) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'absent', detail: `it cannot be read (${code ?? 'unknown'})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** UTF-8 without a byte order mark, which no JSON reader takes. */
export function decodeOutput(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}
