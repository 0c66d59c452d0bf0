import type { PlannedProvider, ToolStage } from '../planner/ir.ts';
import { type Collected, decodeOutput, withStreamOutputs } from './collect-outputs.ts';
import type { OutputContent } from './judge.ts';
import type { ActionRecord, BlobStore } from './ports.ts';

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
