import type { StageCommand } from '../contract/command.ts';
import { authEnv, textDetail } from '../families/http/http-auth.ts';
import type { Options } from './stage.ts';

const WORK = { at: 'tmp', sub: 'restler' } as const;

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => [
    {
      id: 'prepare',
      system: true,
      argv: [
        ...['python3', { at: 'asset', name: 'restler', sub: 'prepare.py' } as const, WORK],
        ...[{ at: 'endpoint' } as const, { at: 'asset', name: 'restler', sub: 'token_module.py' } as const],
        String(options.seconds),
      ],
      env: authEnv(target),
      exits: { '0': 'ok' },
    },
    {
      id: 'compile',
      argv: [
        ...['Restler', '--disable_log_upload', '--workingDirPath', WORK, 'compile'],
        ...['--api_spec', { at: 'source', sub: textDetail(target, 'openapi') ?? '' } as const],
      ],
      env: { RESTLER_TELEMETRY_OPTOUT: '1' },
      exits: { '0': 'ok' },
    },
    {
      id: 'fuzz',
      argv: [
        ...['Restler', '--disable_log_upload', '--workingDirPath', WORK, 'fuzz-lean'],
        ...['--grammar_file', { ...WORK, sub: 'restler/Compile/grammar.py' }],
        ...['--dictionary_file', { ...WORK, sub: 'restler/Compile/dict.json' }],
        ...['--settings', { ...WORK, sub: 'restler/settings.json' }],
        ...args,
      ],
      env: { RESTLER_TELEMETRY_OPTOUT: '1', ...authEnv(target) },
      exits: { '0': 'ok' },
    },
    {
      id: 'collect',
      system: true,
      argv: ['python3', { at: 'asset', name: 'restler', sub: 'collect.py' }, WORK, { at: 'out' }],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['longer sequences of requests: each operation is fuzzed once (fuzz-lean)'],
};
