import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** The file whose signature must be in the log. */
  artifact: workspacePath.default('checksums.txt'),
  /** Its signature (DER, as bytes: rekor-cli takes no base64), and the public key or certificate (PEM) that it is by. */
  signature: workspacePath.default('checksums.txt.sig'),
  publicKey: workspacePath.default('cosign.pub'),
  /** The log; for another than the public one the manifest grants its host, too (`tools.rekor.network`). */
  server: z
    .string()
    .regex(/^https?:\/\/[A-Za-z0-9][\w.:/-]{0,300}$/)
    .default('https://rekor.sigstore.dev'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'rekor',
  kind: 'scan',
  category: 'trust',
  tool: {
    name: 'rekor-cli',
    homepage: 'https://github.com/sigstore/rekor',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/sigstore/rekor/cmd/rekor-cli',
      bin: 'rekor-cli',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'sigstore/rekor', bin: 'rekor-cli' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'rekor-cli', bin: 'rekor-cli' },
  ],
  requires: {
    target: 'source',
    // Any file can be signed.
    selection: { include: ['**'] },
    appliesIf: ['**/*.{sig,asc,minisig}'],
    network: { egress: ['rekor.sigstore.dev'] },
  },
  outputs: [
    // That the log answered at all.
    { name: 'log', type: 'json', mediaType: 'application/json' },
    { name: 'entry', type: 'json', mediaType: 'application/json', mayBeEmpty: true },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:Error: (?:unknown|error initializing)|panic: )',
      meaning: 'rekor-cli could not start verification',
    },
  ],
  timeoutMs: 120_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 256 },
  // It has none. Critical: another file than was signed, or the log contradicts itself; high: nothing proves that the signature was ever published.
  severities: {
    'signature-invalid': 'critical',
    'inclusion-proof-invalid': 'critical',
    'entry-invalid': 'critical',
    'not-in-log': 'high',
  },
};
