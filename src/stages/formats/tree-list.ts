import { z } from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { readJsonReport } from './json-report.ts';

const treeList = z.object({
  schema: z.literal('https://secplan.dev/schema/tree/v1'),
  files: z.array(z.object({ path: z.string(), size: z.number().int().nonnegative() })),
});

type TreeReading = Result<{ readonly list: z.infer<typeof treeList> }, { readonly failure: Failure }>;

/** Reads the list that the engine gives for an output that is a folder. */
export function readTreeList(output: string, text: string | undefined): TreeReading {
  const read = readJsonReport(output, text, treeList);
  return read.ok ? { ok: true, list: read.value } : read;
}
