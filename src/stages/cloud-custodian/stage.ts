import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import {
  accountEnv,
  CLOUD_HOSTS,
  cloudAccountOf,
  LAUNCH,
  launched,
} from '../families/cloud/cloud-account.ts';
import { readCustodian } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'cloud-custodian',
  kind: 'scan',
  category: 'cloud',
  tool: {
    name: 'Cloud Custodian',
    homepage: 'https://cloudcustodian.io',
    license: 'Apache-2.0',
    status: 'active',
  },
  // Started through scripts of ours, hence by its Python.
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'c7n', bin: 'python' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'cloudcustodian/c7n', bin: 'python3' },
  ],
  requires: { target: 'cloud', network: { egress: CLOUD_HOSTS } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'custodian.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '\\b(custodian\\.\\S+:ERROR|CRITICAL)\\b|^Traceback |^no credentials: ',
      meaning: 'Cloud Custodian reports an error of its own',
    },
  ],
  assets: {
    ...LAUNCH,
    collect: 'src/stages/families/cloud/assets/collect_custodian.py',
    aws: 'src/stages/cloud-custodian/assets/aws.yml',
  },
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 1, memoryMb: 512 },
  // What our policies say of themselves (metadata.severity).
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    matched: 'medium',
  },
  options,
  steps: ({ args, target }) => {
    const account = cloudAccountOf(target);
    // The package holds what speaks to AWS only.
    if (account.provider !== 'aws') return [];
    const left = { at: 'tmp', sub: 'custodian' } as const;
    return [
      {
        id: 'run',
        argv: [
          ...launched(account, 'custodian'),
          // Nothing is changed, and nothing is kept between runs.
          ...['run', '--dryrun', '--cache-period', '0', '--output-dir', left],
          ...['--region', account.region ?? 'us-east-1'],
          ...args,
          { at: 'asset', name: 'aws' },
        ],
        env: accountEnv(account),
        exits: { '0': 'ok' },
      },
      {
        id: 'collect',
        argv: ['python', '-I', { at: 'asset', name: 'collect' }, left, { at: 'out', sub: 'custodian.json' }],
        exits: { '0': 'ok' },
      },
    ];
  },
  variants,
  parse: (raw) => readCustodian(raw.report),
  notChecked: () => [
    "policies of the workspace's own, Azure and Google Cloud, and without a region in the target all regions but us-east-1",
  ],
});
