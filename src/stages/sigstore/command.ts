import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
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
  notChecked: ({ identity, issuer }) => [
    'bundles signed with a plain key (cosign verifies those), and envelopes that are not bundles',
    ...(identity === undefined ? ['who signed: any identity is accepted (identity option)'] : []),
    ...(issuer === undefined && identity !== undefined ? ['the issuer of the identity (issuer option)'] : []),
  ],
};
