import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CLOUD_HOSTS, LAUNCH } from '../families/cloud/cloud-account.ts';

export const options = z.object({
  /** Services to look at, as Scout Suite names them; absent: all. */
  services: z.array(z.string().regex(/^[a-z0-9]{1,40}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'Scout Suite reports an error',
    },
  ],
  assets: LAUNCH,
  timeoutMs: 3_600_000,
  expectedMs: 600_000,
  resources: { cpus: 1, memoryMb: 2048 },
  // Its own two levels.
  severities: { danger: 'high', warning: 'medium' },
};
