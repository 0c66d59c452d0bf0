import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Variables of the collection that hold the target's base URL. */
  baseUrlVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/))
    .max(20)
    .default(['baseUrl', 'base_url', 'STACK_BASE_URL']),
  /** Seconds after which a request counts as unanswered. */
  requestTimeout: z.number().positive().max(600).default(10),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'newman',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'Newman',
    homepage: 'https://github.com/postmanlabs/newman',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'npm', runtime: 'local', kind: 'npm', package: 'newman', bin: 'newman' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'newman', bin: 'newman' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'postman/newman', bin: 'newman' },
  ],
  requires: {
    target: 'http',
    details: [['postman']],
    files: ['postman'],
    network: 'stack',
    auth: true,
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'newman.json' }],
  faults: [{ in: 'stderr', pattern: '^(newman: could not |error: )', meaning: 'Newman failed' }],
  assets: { newman: 'src/stages/newman/assets' },
  timeoutMs: 600_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: { 'postman/assertion': 'medium', 'postman/script-error': 'low' },
};
