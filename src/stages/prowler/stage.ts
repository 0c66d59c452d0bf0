import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import {
  accountEnv,
  CLOUD_HOSTS,
  cloudAccountOf,
  LAUNCH,
  launched,
} from '../families/cloud/cloud-account.ts';
import { readProwler, sanitizeProwler } from './output.ts';
import { variants } from './variants.ts';

const words = z.array(z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,100}$/));

const options = z.object({
  /** Services to look at, as Prowler names them; absent: all. */
  services: words.default([]),
  /** Checks to leave out. */
  excludeChecks: words.default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'prowler',
  kind: 'scan',
  category: 'cloud',
  tool: { name: 'Prowler', homepage: 'https://prowler.com', license: 'Apache-2.0', status: 'active' },
  // Started through a script of ours that checks the credentials first, hence by its Python.
  providers: [
    {
      name: 'pypi',
      runtime: 'local',
      kind: 'pypi',
      package: 'prowler',
      bin: 'python',
      sourceBuilds: [
        'alibabacloud-darabonba-array',
        'alibabacloud-darabonba-encode-util',
        'alibabacloud-darabonba-map',
        'alibabacloud-darabonba-signature-util',
        'alibabacloud-darabonba-string',
        'alibabacloud-darabonba-time',
        'alibabacloud-endpoint-util',
        'alibabacloud-gateway-oss-util',
        'alibabacloud-oss-util',
        'alibabacloud-tea',
        'alibabacloud-tea-xml',
        'polling',
        'shodan',
      ],
    },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'prowlercloud/prowler', bin: 'python3' },
  ],
  requires: { target: 'cloud', network: { egress: CLOUD_HOSTS } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'prowler.ocsf.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '\\[Module: [^\\]]+\\]\\s+CRITICAL:|CRITICAL: |^Traceback |^no credentials: ',
      meaning: 'Prowler reports an error of its own',
    },
  ],
  assets: LAUNCH,
  timeoutMs: 3_600_000,
  expectedMs: 900_000,
  resources: { cpus: 1, memoryMb: 2048 },
  // Its own scale.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    informational: 'info',
  },
  options,
  steps: ({ options, args, target }) => {
    const account = cloudAccountOf(target);
    const { provider, region } = account;
    return [
      {
        id: 'scan',
        argv: [
          ...launched(account, 'prowler'),
          ...[provider, '--output-formats', 'json-ocsf', '--output-directory', { at: 'out' } as const],
          ...['--output-filename', 'prowler', '--no-banner', '--no-color', '--ignore-exit-code-3'],
          ...(provider === 'aws' && region !== undefined ? ['--region', region] : []),
          ...(provider === 'azure' ? ['--sp-env-auth', '--subscription-id', account.account] : []),
          ...(provider === 'gcp' ? ['--project-id', account.account] : []),
          ...(options.services.length > 0 ? ['--services', ...options.services] : []),
          ...(options.excludeChecks.length > 0 ? ['--excluded-checks', ...options.excludeChecks] : []),
          ...args,
        ],
        env: accountEnv(account),
        exits: { '0': 'ok' },
      },
    ];
  },
  variants,
  parse: (raw, context) => readProwler(raw.report, context),
  notChecked: ({ services, excludeChecks }) => [
    'what the credentials may not see; checks that somebody has to make by hand',
    ...(services.length > 0 ? [`services other than ${services.join(', ')} (services option)`] : []),
    ...(excludeChecks.length > 0 ? [`Prowler checks ${excludeChecks.join(', ')}`] : []),
  ],
  sanitize: (_, text) => sanitizeProwler(text),
});
