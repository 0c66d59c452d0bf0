import { canonicalJson } from '../../core/canonical.ts';
import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'submit',
      argv: [
        'python3',
        '-I',
        { at: 'asset', name: 'client' },
        { at: 'artifact', name: 'sbom' },
        { at: 'out', sub: 'dependency-track.json' },
        canonicalJson(options),
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['findings that were suppressed on the Dependency-Track server'],
};
