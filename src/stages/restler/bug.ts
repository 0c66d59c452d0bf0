import { z } from 'zod';
import { jsonVariant } from '../formats/variants.ts';
import { bugFinding } from './buckets.ts';

/** One bug, as `bug_buckets/*.json` has it. */
export const bugVariant = jsonVariant(
  'a bug as JSON',
  z.object({
    checker_name: z.string(),
    reproducible: z.boolean(),
    verb: z.string(),
    endpoint: z.string(),
    status_code: z.string().nullish(),
  }),
  ({ checker_name, reproducible, verb, endpoint, status_code }) => ({
    findings: [
      bugFinding(
        status_code ? `${checker_name}_${status_code}` : checker_name,
        `${verb} ${endpoint}`,
        reproducible,
      ),
    ],
  }),
);
