import type { CommandSpec } from './shared/command-spec.ts';
import { EXPORT_DIR_OPTION, MANIFEST_OPTIONS, TRUST_OPTION } from './shared/option-groups.ts';

/** What a bundle proves, to whoever was not there. */
export const EVIDENCE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'verify',
    group: 'Scan:',
    summary: "verify a bundle's evidence",
    details:
      'Offline. Checks layout, checksums, schemas, subjects, plan, policy, verdict and, given a key or a trusted root, the\nsignatures. Lists what it did not check. Exit code 6 if a check fails.',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      { flags: '--key <file>', summary: "the signer's public key, PEM", completes: 'file' },
      { flags: '--plan <file>', summary: 'the plan that the run should have applied', completes: 'file' },
      { flags: '--policy <file>', summary: 'the policy that the run should have used', completes: 'file' },
      {
        flags: '--trusted-root <file>',
        summary: 'Sigstore trusted root, for certificates',
        completes: 'file',
      },
      { flags: '--certificate-identity <name>', summary: 'expected identity (name) in the certificate' },
      { flags: '--certificate-issuer <url>', summary: 'expected OIDC issuer of the certificate' },
      EXPORT_DIR_OPTION,
    ],
    examples: [
      ['secplan verify --key cosign.pub', 'the latest bundle'],
      [
        'secplan verify build/security-results/b1 --key k.pub --plan plan.json',
        'a bundle that must match this plan',
      ],
    ],
    run: async (console, args, flags) =>
      (await import('./commands/verify.ts')).verify(console, args[0], flags),
  },
  {
    name: 'deliver',
    group: 'Scan:',
    summary: 'deliver a bundle and send notifications',
    details:
      'Sends to the receivers in the current manifest. Skips what the delivery log beside the bundle records as delivered,\nso a stopped delivery continues. Exit code 3 if a delivery fails.',
    arguments: [{ name: '[bundle]', summary: 'bundle; default: the latest', completes: 'folder' }],
    options: [
      ...MANIFEST_OPTIONS,
      {
        flags: '--to <receiver>',
        summary: 'deliver to this receiver only (its id in the plan); comma-separated',
        many: true,
      },
      { flags: '--trusted <ref>', summary: "take receivers and secrets from this git ref's manifest" },
      TRUST_OPTION,
      {
        flags: '--tag <name>',
        summary: 'tag of the release that gets the bundle; default: the tag being built',
      },
      { flags: '--offline', summary: 'send nothing; report what would be sent' },
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
