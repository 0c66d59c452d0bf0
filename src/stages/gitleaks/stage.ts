import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'gitleaks',
  kind: 'scan',
  category: 'secrets',
  perFile: true,
  tool: { name: 'Gitleaks', homepage: 'https://gitleaks.io/', license: 'MIT', status: 'active' },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/zricethezav/gitleaks/v8',
      bin: 'gitleaks',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'gitleaks/gitleaks', bin: 'gitleaks' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'gitleaks', bin: 'gitleaks' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'zricethezav/gitleaks', bin: 'gitleaks' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**'],
      exclude: [
        // Its own files, by which a tree could switch it off.
        '**/.gitleaksignore',
        '**/*gitleaks.toml',
        // What its built-in rules pass over anyway: the files it is given are then those that it reads.
        '**/node_modules/**',
        '**/{deno.lock,npm-shrinkwrap.json,package-lock.json,pnpm-lock.yaml,yarn.lock,Pipfile.lock,poetry.lock}',
        '**/go.{mod,sum,work}',
        '**/*.{bmp,gif,jpg,jpeg,png,svg,tif,tiff,eot,otf,ttf,woff,woff2}',
        '**/*.{doc,docx,xls,xlsx,pdf,bin,exe,pdb,gltf,gem}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'gitleaks.sarif' },
    { name: 'files', type: 'text', mediaType: 'text/plain' },
  ],
  faults: [
    { in: 'stderr', pattern: '\\bFTL\\b', meaning: 'Gitleaks reports a fatal error' },
    { in: 'stderr', pattern: '\\bpartial scan completed', meaning: 'Gitleaks did not finish' },
  ],
  timeoutMs: 300_000,
  expectedMs: 300,
  resources: { cpus: 1, memoryMb: 512 },
  // Gitleaks has no severities. A finding is a secret with a known shape, so high; critical is what opens an account
  // or a machine by itself, medium what is recognised by its surroundings only or does not open anything alone.
  severities: {
    warning: 'high',
    'private-key': 'critical',
    'aws-access-token': 'critical',
    'github-pat': 'critical',
    'github-fine-grained-pat': 'critical',
    'gitlab-pat': 'critical',
    'hashicorp-tf-password': 'critical',
    'vault-service-token': 'critical',
    'generic-api-key': 'medium',
    jwt: 'medium',
    'jwt-base64': 'medium',
    'curl-auth-header': 'medium',
    'curl-auth-user': 'medium',
    'mailgun-pub-key': 'low',
    'lob-pub-api-key': 'low',
    'flutterwave-public-key': 'low',
    'adobe-client-id': 'low',
    'discord-client-id': 'low',
    'linkedin-client-id': 'low',
    'plaid-client-id': 'low',
  },
};
