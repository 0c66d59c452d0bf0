import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
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
  notChecked: ({ artifact }) => [
    `signatures of other files than ${artifact} (artifact option)`,
    'the key of the log: rekor-cli gets it from the log',
  ],
};

function log({ server }: Options): string[] {
  return ['--rekor_server', server, '--store_tree_state=false', '--format', 'json'];
}
