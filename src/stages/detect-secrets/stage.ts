import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'detect-secrets',
  kind: 'scan',
  category: 'secrets',
  perFile: true,
  tool: {
    name: 'detect-secrets',
    homepage: 'https://github.com/Yelp/detect-secrets',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'detect-secrets', bin: 'detect-secrets' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'detect-secrets', bin: 'detect-secrets' },
  ],
  requires: {
    target: 'source',
    selection: { include: ['**'] },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^\\[scan\\]\\tERROR\\t|^Traceback ',
      meaning: 'detect-secrets reports an error',
    },
  ],
  assets: { site: 'src/stages/families/python/assets' },
  timeoutMs: 300_000,
  expectedMs: 800,
  resources: { cpus: 1, memoryMb: 256 },
  // It has no severities. What opens an account or a machine by itself is critical, another known shape high, a name
  // or mere randomness medium and low.
  severities: {
    'artifactory-credentials': 'high',
    'aws-access-key': 'critical',
    'azure-storage-account-access-key': 'critical',
    'base64-high-entropy-string': 'low',
    'basic-auth-credentials': 'high',
    'cloudant-credentials': 'high',
    'discord-bot-token': 'high',
    'github-token': 'critical',
    'gitlab-token': 'critical',
    'hex-high-entropy-string': 'low',
    'ibm-cloud-iam-key': 'critical',
    'ibm-cos-hmac-credentials': 'high',
    'json-web-token': 'medium',
    'mailchimp-access-key': 'high',
    'npm-tokens': 'high',
    'openai-token': 'high',
    'private-key': 'critical',
    'public-ip-ipv4': 'info',
    'pypi-token': 'high',
    'secret-keyword': 'medium',
    'sendgrid-api-key': 'high',
    'slack-token': 'high',
    'softlayer-credentials': 'high',
    'square-oauth-secret': 'high',
    'stripe-access-key': 'high',
    'telegram-bot-token': 'high',
    'twilio-api-key': 'high',
  },
};
