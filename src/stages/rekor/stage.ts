import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { readRekor } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** The file whose signature must stand in the log. */
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

type Options = z.infer<typeof options>;

function log({ server }: Options): string[] {
  return ['--rekor_server', server, '--store_tree_state=false', '--format', 'json'];
}

export const stage = defineStage<Options>({
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
      meaning: 'rekor-cli could not begin to verify',
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
  options,
  steps: ({ options, args }) => [
    { id: 'log', argv: ['rekor-cli', 'loginfo', ...log(options)], stdout: 'log', exits: { '0': 'ok' } },
    {
      id: 'verify',
      argv: [
        ...['rekor-cli', 'verify', ...log(options), '--pki-format', 'x509'],
        ...['--artifact', options.artifact, '--signature', options.signature],
        ...['--public-key', options.publicKey, ...args],
      ],
      stdout: 'entry',
      // 1 for an entry that is not there and for every error: standard error tells.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) =>
    readRekor({ log: raw.log, entry: raw.entry }, (context.options as Options).artifact, context),
  notChecked: ({ artifact }) => [
    `signatures of other files than ${artifact} (artifact option)`,
    "the log's own key: rekor-cli takes it from the log",
  ],
});
