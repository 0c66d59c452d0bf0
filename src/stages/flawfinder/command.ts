import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => {
    // Comments (`Flawfinder: ignore`) must not silence a finding; dot folders are the tree's own code, too.
    const check = ['flawfinder', '--neverignore', '--followdotdir', '--minlevel', String(options.minLevel)];
    const env = { PYTHONPATH: { at: 'asset', name: 'site' } } as const;
    // Both always end with 0. The report does not say which files were read, the text does.
    const exits = { '0': 'ok' } as const;
    return [
      { id: 'sarif', argv: [...check, ...args, '--sarif', '.'], env, stdout: 'report', exits },
      {
        id: 'text',
        argv: [...check, ...args, '--omittime', '--singleline', '.'],
        env,
        stdout: 'text',
        exits,
      },
    ];
  },
  notChecked: ({ minLevel }) => (minLevel > 1 ? [`Flawfinder hits below level ${minLevel}`] : []),
};
