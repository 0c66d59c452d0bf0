import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CLOUD_HOSTS, LAUNCH } from '../families/cloud/cloud-account.ts';

const words = z.array(z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,100}$/));

export const options = z.object({
  /** Services to look at, as Prowler names them; absent: all. */
  services: words.default([]),
  /** Checks to leave out. */
  excludeChecks: words.default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'Prowler reports an error',
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
};
