import type { PlannedProvider, ToolStage } from '../../planner/ir/ir.ts';
import { readTree } from '../cache/tree.ts';
import type { OutputContent } from '../judge/judge.ts';
import type { ActionRecord, BlobStore } from '../ports.ts';
import { type Collected, decodeOutput, withStreamOutputs } from './collect-outputs.ts';

/** Whether every file of the record's trees is still kept: the cache may have dropped some of them. */
export async function treesAreThere(
  { outputSpecs }: Pick<ToolStage, 'outputSpecs'>,
  { outputs }: Pick<ActionRecord, 'outputs'>,
  blobs: BlobStore,
): Promise<boolean> {
  for (const { name, tree } of outputSpecs) {
    const kept = tree === true ? outputs[name] : undefined;
    if (kept === undefined) continue;
    const list = await blobs.read(kept.digest);
    const files = list === undefined ? undefined : readTree(decodeOutput(list))?.files;
    if (files === undefined) return false;
    for (const { digest } of files) if (!(await blobs.has(digest))) return false;
  }
  return true;
}

/** What a tool left, out of the cache; undefined when any of it is gone or damaged. */
export async function readStored(
  stage: Pick<ToolStage, 'outputSpecs'>,
  provider: Pick<PlannedProvider, 'steps'>,
  record: Pick<ActionRecord, 'outputs'>,
  blobs: BlobStore,
): Promise<Collected | undefined> {
  const outputs: Record<string, OutputContent> = {};
  const logs: Record<string, string> = {};
  const names = new Set(stage.outputSpecs.map((spec) => spec.name));
  for (const [name, { digest }] of Object.entries(record.outputs)) {
    const bytes = await blobs.read(digest);
    if (bytes === undefined) return undefined;
    const text = decodeOutput(bytes);
    if (names.has(name)) outputs[name] = { kind: 'text', text };
    else logs[name] = text;
  }
  return { outputs, logs: withStreamOutputs(provider, outputs, logs) };
}
