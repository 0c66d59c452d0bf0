import type { CommandSpec } from './command-spec.ts';
import { EXPORT_DIR_OPTION } from './option-groups.ts';

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
];
