import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** Expected signer: an e-mail address or the URI of a workflow; absent: any identity that the Sigstore root verifies. */
  identity: z.string().min(1).max(400).optional(),
  /** Expected issuer of the identity, for example `https://token.actions.githubusercontent.com`. */
  issuer: z.string().min(1).max(400).optional(),
  /** A trusted root (JSON) of the workspace; absent: the public one that comes with sigstore. */
  trustedRoot: workspacePath.optional(),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'sigstore',
  kind: 'scan',
  category: 'trust',
  tool: {
    name: 'sigstore-python',
    homepage: 'https://github.com/sigstore/sigstore-python',
    license: 'Apache-2.0',
    status: 'active',
  },
  // The script is ours: what starts is the Python that sigstore is installed in.
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'sigstore', bin: 'python' }],
  requires: {
    target: 'source',
    // Any file can be signed.
    selection: { include: ['**'] },
    appliesIf: ['**/*.{sigstore,sigstore.json,intoto.jsonl}'],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'sigstore.json' }],
  faults: [{ in: 'stderr', pattern: '^(?:Traceback |sigstore: )', meaning: 'the script failed' }],
  assets: { script: 'src/stages/sigstore/assets/verify.py' },
  timeoutMs: 120_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 512 },
  // It has none. Critical: another file or another signer than is claimed; high: nothing proves it.
  severities: {
    'signature-invalid': 'critical',
    'digest-mismatch': 'critical',
    'identity-mismatch': 'critical',
    'certificate-invalid': 'high',
    'log-entry-invalid': 'high',
    'bundle-malformed': 'high',
    'not-verified': 'high',
  },
};
