import * as z from 'zod';

const entry = z.strictObject({
  path: z.string(),
  mediaType: z.string(),
  /** Id of the schema that the file holds against, where there is one. */
  schema: z.string().nullable(),
  /** Of the normalised content; null for files of which only the presence counts. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

/** golden.json: what a run promises to leave. */
export const goldenFile = z.strictObject({
  schema: z.literal('https://secplan.dev/schema/golden/v1'),
  name: z.string(),
  profile: z.string(),
  /** Stage to tool and version: says whether an upgrade is behind a change. */
  tools: z.record(z.string(), z.string()),
  artifacts: z.array(entry),
});

export type GoldenFile = z.infer<typeof goldenFile>;
export type GoldenEntry = z.infer<typeof entry>;
