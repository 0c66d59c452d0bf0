import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { FaultText } from '../contract/output.ts';

/** What a folder says of how its tool fails: `cases/faults.json`. */
const schema = z.strictObject({
  /** What the tool prints when it failed, word for word as its own messages begin. */
  faultTexts: z
    .array(z.strictObject({ in: z.enum(['stdout', 'stderr']), text: z.string().min(1) }))
    .default([]),
  /** What is changed in the clean case to make a run that looked at nothing, where no such run is on record. */
  nothingExamined: z
    .union([
      z.strictObject({ output: z.string(), text: z.string() }),
      z.strictObject({ output: z.string(), set: z.record(z.string(), z.unknown()) }),
    ])
    .optional(),
  /** Files that the scanner needs to have something to look at, where the world's own are none of its. */
  files: z.record(z.string(), z.string()).default({}),
});

export type FaultsFile = z.infer<typeof schema>;

/** @throws when the file is no JSON, or of another shape; one that is absent is empty */
export function readFaults(folder: string): FaultsFile {
  const path = join(folder, 'cases/faults.json');
  return schema.parse(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
}

/** Patterns of error texts of which no sample is on record. */
export function withoutSample(faults: readonly FaultText[], { faultTexts }: FaultsFile): string[] {
  return faults
    .filter(
      (fault) =>
        !faultTexts.some((line) => line.in === fault.in && new RegExp(fault.pattern, 'u').test(line.text)),
    )
    .map(({ pattern }) => pattern);
}
