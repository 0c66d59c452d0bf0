import { z } from 'zod';
import { readJsonReport } from './json-report.ts';
import type { Reading } from './reading.ts';

const treeList = z.object({
  schema: z.literal('https://secplan.dev/schema/tree/v1'),
  files: z.array(z.object({ path: z.string(), size: z.number().int().nonnegative() })),
});

type TreeList = z.infer<typeof treeList>;

/** Reads the list that the engine gives for an output that is a folder. */
export function readTreeList(output: string, text: string | undefined): Reading<TreeList> {
  return readJsonReport(output, text, treeList);
}
