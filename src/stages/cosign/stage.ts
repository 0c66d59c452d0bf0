import { z } from 'zod';
import type { ArgvPart } from '../contract/command.ts';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { type Check, readCosign } from './output.ts';
import { variants } from './variants.ts';

const artifact = z.strictObject({
  /** The file that is signed. */
  blob: workspacePath,
  /** Its Sigstore bundle; absent: the file's name and `.sigstore.json`. */
  bundle: workspacePath.optional(),
  /** PEM of the public key; absent: the stage's `key`. */
  key: workspacePath.optional(),
  /** Predicate of the attestation that the bundle must hold, for example `slsaprovenance1`; absent: a signature. */
  attestation: z
    .string()
    .regex(/^[A-Za-z][\w:/.-]{1,200}$/)
    .optional(),
});

const options = z.object({
  /** What is verified; absent: `checksums.txt`, as releases sign it. A file or bundle that is missing is a finding. */
  artifacts: z.array(artifact).min(1).max(200).optional(),
  /** PEM of the public key. */
  key: workspacePath.default('cosign.pub'),
  /** Who must have signed, without a key: needs `issuer` and `trustedRoot`; `key` is then not read. */
  identity: z
    .string()
    .regex(/^[^-\s]\S{1,400}$/)
    .optional(),
  issuer: z
    .string()
    .regex(/^https:\/\/\S{1,400}$/)
    .optional(),
  /** A trusted root (JSON) of the workspace: nothing is fetched. */
  trustedRoot: workspacePath.optional(),
});

type Options = z.infer<typeof options>;

/** Releases made with the usual tools sign the list of their checksums. */
const CONVENTION = [{ blob: 'checksums.txt' }] as const;

function checksOf({ artifacts }: Options): Check[] {
  return (artifacts ?? CONVENTION).map(({ blob, ...given }) => ({
    ...given,
    blob,
    bundle: ('bundle' in given ? given.bundle : undefined) ?? `${blob}.sigstore.json`,
  }));
}

function trust(options: Options, key: string | undefined): ArgvPart[] {
  const root = (at: ArgvPart): ArgvPart[] => ['--trusted-root', at];
  const given = options.trustedRoot === undefined ? undefined : root(options.trustedRoot);
  const none = root({ at: 'asset', name: 'no-root' });
  if (options.identity !== undefined && key === undefined)
    return [
      ...['--certificate-identity', options.identity, '--certificate-oidc-issuer', options.issuer ?? ''],
      // With the empty root nothing verifies: without one of its own the manifest is told so by every finding.
      ...(given ?? none),
    ];
  return [...['--key', key ?? options.key], ...(given ?? none), '--insecure-ignore-tlog'];
}

export const stage = defineStage<Options>({
  id: 'cosign',
  kind: 'scan',
  category: 'trust',
  tool: {
    name: 'Cosign',
    homepage: 'https://docs.sigstore.dev/cosign/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/sigstore/cosign/v2/cmd/cosign',
      bin: 'cosign',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'sigstore/cosign', bin: 'cosign' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'cosign', bin: 'cosign' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'ghcr.io/sigstore/cosign/cosign',
      bin: 'cosign',
    },
  ],
  requires: {
    target: 'source',
    // Any file can be signed.
    selection: { include: ['**'] },
    appliesIf: ['**/*.{sigstore,sigstore.json,bundle}', '**/cosign.pub'],
  },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern:
        '^(?:Error: (?:loading (?:public key|trusted root)|unknown (?:flag|command)|.*(?:--key|--certificate-identity) )|panic: )',
      meaning: 'Cosign could not begin to verify',
    },
  ],
  assets: { 'no-root': 'src/stages/cosign/assets/no-root.json' },
  timeoutMs: 120_000,
  expectedMs: 1_000,
  resources: { cpus: 1, memoryMb: 512 },
  // It has none. Critical: another file or another signer than is claimed; high: nothing proves it.
  severities: {
    'signature-invalid': 'critical',
    'digest-mismatch': 'critical',
    'identity-mismatch': 'critical',
    unsigned: 'high',
    'blob-missing': 'medium',
    'bundle-malformed': 'high',
    'not-logged': 'high',
    'not-verified': 'high',
  },
  options,
  steps: ({ options, args }) =>
    checksOf(options).map((check, index) => {
      const attestation = options.artifacts?.[index]?.attestation;
      return {
        id: `verify-${index + 1}`,
        argv: [
          ...(attestation === undefined
            ? ['cosign', 'verify-blob']
            : ['cosign', 'verify-blob-attestation', '--type', attestation]),
          ...['--new-bundle-format', '--offline', '--bundle', check.bundle],
          ...trust(options, check.key),
          ...args,
          check.blob,
        ],
        // Every check's words stand in the log, the first one's in the report, in the order of the checks.
        ...(index === 0 ? { stderr: 'report' } : {}),
        exits: { '0': 'ok', '1': 'ok' },
      };
    }),
  variants,
  parse: (raw, context) => {
    const options = context.options as Options;
    const text = raw.report === undefined ? undefined : `${raw.report}${context.log.stderr}`;
    return readCosign(text, checksOf(options), options.artifacts !== undefined, context);
  },
  notChecked: ({ artifacts, identity }) => [
    'signatures of images, which lie in their registries',
    ...(artifacts === undefined ? ['signed files other than checksums.txt (artifacts option)'] : []),
    ...(identity === undefined
      ? ['the transparency log, and who may change the key: it lies in the workspace (identity option)']
      : []),
  ],
});
