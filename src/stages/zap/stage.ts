import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { authEnv } from '../families/http/http-auth.ts';
import { sarifVariant } from '../formats/variants.ts';
import { automationPlan } from './automation-plan.ts';
import { readZap, sanitizeZap } from './output.ts';
import { xmlVariant } from './xml.ts';

const options = z.object({
  /** `baseline` looks at what it is answered; `full` attacks, too, which may change or break what it is pointed at. */
  scan: z.enum(['baseline', 'full']).default('baseline'),
  /** Minutes that the crawler has at most. */
  spiderMinutes: z.int().min(1).max(600).default(3),
  /** Minutes that attacks have at most. */
  activeMinutes: z.int().min(1).max(1440).default(20),
  /** Where GraphQL is served, below the base URL. */
  graphqlPath: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/)
    .default('graphql'),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'zap',
  kind: 'scan',
  category: 'dast',
  tool: { name: 'ZAP', homepage: 'https://www.zaproxy.org', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'zaproxy/zaproxy', bin: 'zap.sh' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'zaproxy', bin: 'zap.sh' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'zaproxy/zap-stable', bin: 'zap.sh' },
  ],
  requires: { target: 'http', files: ['openapi', 'graphql'], network: 'stack', auth: true },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'zap.json' }],
  faults: [
    { in: 'stdout', pattern: '^Automation plan failures:', meaning: 'a job of the automation plan failed' },
    { in: 'stdout', pattern: '^\\s*Job \\S+ failed to access URL ', meaning: 'the target did not answer' },
  ],
  assets: { http: 'src/stages/families/http/assets', zap: 'src/stages/zap/assets' },
  timeoutMs: 3_600_000,
  expectedMs: 180_000,
  resources: { cpus: 2, memoryMb: 3072 },
  severities: {
    high: 'high',
    medium: 'medium',
    low: 'low',
    informational: 'info',
    // Of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
    none: 'info',
  },
  options,
  steps: ({ options, args, target }) => [
    {
      id: 'plan',
      system: true,
      argv: [
        ...['sh', { at: 'asset', name: 'http', sub: 'write-file.sh' } as const],
        ...[{ at: 'tmp', sub: 'plan.yaml' } as const, automationPlan(target, options)],
        ...[{ at: 'endpoint' } as const, { at: 'source' } as const, { at: 'out' } as const],
        { at: 'asset', name: 'zap' },
      ],
      exits: { '0': 'ok' },
    },
    {
      id: 'scan',
      argv: [
        // Silent: it asks nobody but the target, not even for news of itself.
        ...['zap.sh', '-cmd', '-silent', '-dir', { at: 'tmp', sub: 'zap' } as const],
        ...args,
        ...['-autorun', { at: 'tmp', sub: 'plan.yaml' } as const],
      ],
      env: { SECPLAN_URL: { at: 'endpoint' }, ...authEnv(target) },
      // 2: with warnings, for example that the base URL itself answers 404, as that of an API may.
      exits: { '0': 'ok', '2': 'ok' },
    },
  ],
  parse: (raw, context) => readZap(raw.report, context.log.stdout),
  variants: [sarifVariant(['ZAP'], 'other'), xmlVariant],
  sanitize: (_, text) => sanitizeZap(text),
  notChecked: ({ scan }) => [
    'pages that a browser makes by script (no AJAX spider)',
    ...(scan === 'full' ? [] : ['attacks (option scan: full): the baseline only looks at answers']),
  ],
});
