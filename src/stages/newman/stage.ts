import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { authEnv, textDetail } from '../families/http/http-auth.ts';
import { readNewman, sanitizeNewman } from './output.ts';

const options = z.object({
  /** Variables of the collection that hold the target's base URL. */
  baseUrlVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/))
    .max(20)
    .default(['baseUrl', 'base_url', 'STACK_BASE_URL']),
  /** Seconds after which a request counts as unanswered. */
  requestTimeout: z.number().positive().max(600).default(10),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  faults: [{ in: 'stderr', pattern: '^(newman: could not |error: )', meaning: 'Newman failed by itself' }],
  assets: { newman: 'src/stages/newman/assets' },
  timeoutMs: 600_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: { 'postman/assertion': 'medium', 'postman/script-error': 'low' },
  options,
  steps: ({ options, args, target }) => [
    {
      id: 'run',
      argv: [
        // The collection comes first: the script that is loaded before looks for it there.
        ...['newman', 'run', { at: 'source', sub: textDetail(target, 'postman') ?? '' } as const],
        ...options.baseUrlVariables.flatMap((name) => [
          '--env-var',
          { at: 'endpoint', prefix: `${name}=` } as const,
        ]),
        ...['--reporters', 'cli,json', '--reporter-json-export', { at: 'out', sub: 'newman.json' } as const],
        ...[
          '--timeout-request',
          String(Math.round(options.requestTimeout * 1000)),
          '--timeout-script',
          '10000',
        ],
        ...['--working-dir', { at: 'source' } as const, '--no-insecure-file-read'],
        ...['--color', 'off', '--disable-unicode'],
        ...args,
      ],
      env: {
        NODE_OPTIONS: { at: 'asset', name: 'newman', sub: 'auth.cjs', prefix: '--require=' },
        ...authEnv(target),
      },
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  parse: (raw, context) => readNewman(raw.report, context),
  sanitize: (_, text) => sanitizeNewman(text),
  notChecked: () => ['what the collection does not ask or assert'],
});
