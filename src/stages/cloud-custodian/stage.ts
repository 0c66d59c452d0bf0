import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CLOUD_HOSTS, LAUNCH } from '../families/cloud/cloud-account.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'Cloud Custodian reports an error',
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
};
