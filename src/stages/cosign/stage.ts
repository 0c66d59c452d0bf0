import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

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

export const options = z.object({
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

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'Cosign could not start verification',
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
};
