import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import {
  accountEnv,
  CLOUD_HOSTS,
  cloudAccountOf,
  LAUNCH,
  launched,
} from '../families/cloud/cloud-account.ts';
import { readScout, sanitizeScout } from './output.ts';

const options = z.object({
  /** Services to look at, as Scout Suite names them; absent: all. */
  services: z.array(z.string().regex(/^[a-z0-9]{1,40}$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'scoutsuite',
  kind: 'scan',
  category: 'cloud',
  tool: {
    name: 'Scout Suite',
    homepage: 'https://github.com/nccgroup/ScoutSuite',
    license: 'GPL-2.0-only',
    status: 'active',
  },
  // Started through a script of ours that checks the credentials first, hence by its Python. Its project publishes no image.
  providers: [
    {
      name: 'pypi',
      runtime: 'local',
      kind: 'pypi',
      package: 'scoutsuite',
      bin: 'python',
      sourceBuilds: ['aliyun-python-sdk-ocs', 'crcmod', 'httplib2shim', 'oss2', 'sqlitedict'],
    },
  ],
  requires: { target: 'cloud', network: { egress: CLOUD_HOSTS } },
  outputs: [
    {
      name: 'report',
      type: 'json',
      mediaType: 'application/json',
      file: 'scoutsuite-results/scoutsuite_results_secplan.js',
    },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '\\b(CRITICAL|ERROR)\\b|^Traceback |^no credentials: |Authentication failure',
      meaning: 'Scout Suite reports an error of its own',
    },
  ],
  assets: LAUNCH,
  timeoutMs: 3_600_000,
  expectedMs: 600_000,
  resources: { cpus: 1, memoryMb: 2048 },
  // Its own two levels.
  severities: { danger: 'high', warning: 'medium' },
  options,
  steps: ({ options, args, target }) => {
    const account = cloudAccountOf(target);
    const { provider, region } = account;
    return [
      {
        id: 'scan',
        argv: [
          ...launched(account, 'scout'),
          ...[provider, '--no-browser', '--force', '--quiet', '--report-dir', { at: 'out' } as const],
          ...['--report-name', 'secplan'],
          ...(provider === 'aws' && region !== undefined ? ['--regions', region] : []),
          // It reads them from no environment: launch.py puts the value of the variable in their place.
          ...(provider === 'azure'
            ? [
                ...[
                  '--service-principal',
                  '--tenant',
                  'env:AZURE_TENANT_ID',
                  '--subscriptions',
                  account.account,
                ],
                ...['--client-id', 'env:AZURE_CLIENT_ID', '--client-secret', 'env:AZURE_CLIENT_SECRET'],
              ]
            : []),
          ...(provider === 'gcp'
            ? ['--service-account', 'env:GOOGLE_APPLICATION_CREDENTIALS', '--project-id', account.account]
            : []),
          ...(options.services.length > 0 ? ['--services', ...options.services] : []),
          ...args,
        ],
        env: accountEnv(account),
        // 101: it could not log in; 200: something could not be fetched.
        exits: { '0': 'ok' },
      },
    ];
  },
  parse: (raw, context) => readScout(raw.report, context),
  notChecked: ({ services }) => [
    'what the credentials may not see',
    ...(services.length > 0 ? [`services other than ${services.join(', ')} (services option)`] : []),
  ],
  sanitize: (_, text) => sanitizeScout(text),
});
