import * as z from 'zod';
import type { Outcome } from '../../core/outcome.ts';
import type { Baseline } from '../../policy/baseline.ts';
import { readDocument } from './read-document.ts';

const MOST = 1_000_000;

const shape = z.strictObject({
  schema: z.literal('https://secplan.dev/schema/baseline/v1'),
  findings: z
    .array(
      z.object({
        fingerprint: z.string().regex(/^[0-9a-f]{64}$/, 'a fingerprint is 64 lower-case hex digits'),
        target: z.string(),
        tool: z.string(),
        rule: z.string(),
        path: z.string().optional(),
      }),
    )
    .max(MOST),
});

/** A baseline's file; SP4010 for anything else. */
export function readBaseline(path: string, bytes: Uint8Array): Outcome<Baseline> {
  return readDocument(path, bytes, shape as unknown as z.ZodType<Baseline>);
}

/** The file's text: one entry a line, so that a merge conflict is one of single findings. */
export function baselineText({ schema, findings }: Baseline): string {
  const lines = findings.map(
    ({ fingerprint, target, tool, rule, path }) =>
      `\n    ${JSON.stringify({ fingerprint, target, tool, rule, ...(path === undefined ? {} : { path }) })}`,
  );
  return `{\n  "schema": ${JSON.stringify(schema)},\n  "findings": [${lines.join(',')}${lines.length === 0 ? '' : '\n  '}]\n}\n`;
}
