import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, provider, args }) => {
    const [program, ...rest] = options.command ?? [];
    const { report: stdout, exits } = options;
    if (provider.kind === 'image') {
      if (program === undefined) return [{ id: 'run', argv: args, entrypoint: true, stdout, exits }];
      return program === '' ? [] : [{ id: 'run', argv: [program, ...rest, ...args], stdout, exits }];
    }
    // env would take these for its own options or for variables to set; without a step the stage is incomplete.
    if (program === undefined || program === '' || program.startsWith('-') || program.includes('='))
      return [];
    return [{ id: 'run', argv: ['env', program, ...rest, ...args], stdout, exits }];
  },
};
