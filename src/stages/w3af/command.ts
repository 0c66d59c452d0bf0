import type { StageCommand } from '../contract/command.ts';
import { consoleScript } from './script.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args, target }) => [
    {
      id: 'script',
      system: true,
      argv: [
        ...['sh', { at: 'asset', name: 'http', sub: 'write-file.sh' } as const],
        ...[{ at: 'tmp', sub: 'secplan.w3af' } as const, consoleScript(target)],
        ...[{ at: 'endpoint' } as const, { at: 'source' } as const, { at: 'out' } as const],
        { at: 'asset', name: 'http' },
      ],
      exits: { '0': 'ok' },
    },
    {
      id: 'scan',
      argv: [
        ...['w3af_console', '--no-update', '--yes', ...args],
        ...['-s', { at: 'tmp', sub: 'secplan.w3af' } as const],
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['pages behind a login; it has no checks after 2020'],
};
