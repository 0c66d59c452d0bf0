import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { readSigstore } from './output.ts';

const options = z.object({
  /** Who must have signed: an e-mail address or the URI of a workflow; absent: anyone whom Sigstore's root vouches for. */
  identity: z.string().min(1).max(400).optional(),
  /** Who must have vouched for the identity, for example `https://token.actions.githubusercontent.com`. */
  issuer: z.string().min(1).max(400).optional(),
  /** A trusted root (JSON) of the workspace; absent: the public one that comes with sigstore. */
  trustedRoot: workspacePath.optional(),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  options,
  steps: ({ options, args }) => [
    {
      id: 'verify',
      argv: [
        // Isolated: nothing is imported from the tree.
        ...['python', '-I', { at: 'asset', name: 'script' } as const],
        ...[{ at: 'source' } as const, { at: 'out', sub: 'sigstore.json' } as const],
        JSON.stringify({
          identity: options.identity ?? null,
          issuer: options.issuer ?? null,
          trustedRoot: options.trustedRoot ?? null,
        }),
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw, context) => readSigstore(raw.report, context),
  notChecked: ({ identity, issuer }) => [
    'bundles signed by a plain key (cosign verifies those), and envelopes that are no bundles',
    ...(identity === undefined ? ['who signed: any identity is taken (identity option)'] : []),
    ...(issuer === undefined && identity !== undefined
      ? ['who vouches for the identity (issuer option)']
      : []),
  ],
});
