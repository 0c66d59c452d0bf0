import type { CommandSpec } from './shared/command-spec.ts';
import { EXPORT_DIR_OPTION, MANIFEST_OPTIONS } from './shared/option-groups.ts';

/** What a bundle proves, to whoever was not there. */
export const EVIDENCE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'verify',
    group: 'Scan:',
    summary: "verify a bundle's evidence",
    details:
      'Offline. Checks layout, checksums, schemas, subjects, plan, policy, verdict and, given a key or a trusted root, the\nsignatures; says what it did not check. Exit 6 where something does not hold.',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      { flags: '--key <file>', summary: "the signer's public key, PEM", completes: 'file' },
      { flags: '--plan <file>', summary: 'the plan that was to be applied', completes: 'file' },
      { flags: '--policy <file>', summary: 'the policy that was to gate', completes: 'file' },
      {
        flags: '--trusted-root <file>',
        summary: 'Sigstore trusted root, for certificates',
        completes: 'file',
      },
      { flags: '--certificate-identity <name>', summary: 'whose certificate it must be' },
      { flags: '--certificate-issuer <url>', summary: 'who must have vouched for that name' },
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan verify --key cosign.pub', 'the latest bundle'],
      ['secplan verify build/security-results/b1 --key k.pub --plan plan.json', 'a bundle of that very plan'],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/verify.ts')).verify(console, args[0], flags),
  },
  {
    name: 'deliver',
    group: 'Scan:',
    summary: 'deliver a bundle, and tell who asked',
    details:
      'To the receivers that the manifest names now. What a log beside the bundle says has arrived is not sent again, so\nit goes on where a run was stopped. Exit 3 where something did not arrive.',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      ...MANIFEST_OPTIONS,
      {
        flags: '--to <receiver>',
        summary: 'this receiver alone, as the plan calls it; several, divided by commas',
        many: true,
      },
      { flags: '--trusted <ref>', summary: "take receivers and secrets from this git ref's manifest" },
      {
        flags: '--tag <name>',
        summary: 'tag whose release the bundle is added to; default: the one that is built',
      },
      { flags: '--offline', summary: 'send nothing, and say so' },
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan deliver', 'the latest bundle, to all'],
      ['secplan deliver --to deliver:s3-1', 'to the first bucket'],
      ['secplan deliver --to deliver:github-release --tag v1.2.0', 'to a release'],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/deliver.ts')).deliver(console, args[0], flags),
  },
];
