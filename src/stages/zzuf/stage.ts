import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { fuzzTarget } from '../families/fuzzers/fuzz-target.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';
import { readZzuf, under } from './output.ts';

const options = z.object({
  /** Name of the one file below the target's seeds that is changed. */
  seed: z
    .string()
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0]{1,200}$/)
    .default('seed'),
  /** How many changed inputs there are. */
  inputs: z.number().int().min(1).max(10_000_000).default(20_000),
  /** Share of bits that is changed. */
  ratio: z.number().min(0.00001).max(1).default(0.004),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'zzuf',
  kind: 'scan',
  category: 'fuzz',
  tool: { name: 'zzuf', homepage: 'http://caca.zoy.org/wiki/zzuf', license: 'WTFPL', status: 'active' },
  // From the system alone: it preloads a library from where Debian's package puts it, and with the package unpacked
  // elsewhere it goes on without, changes no input, and finds nothing.
  providers: [{ name: 'path', runtime: 'local', kind: 'path', package: 'zzuf', bin: 'zzuf' }],
  requires: { target: 'fuzz', files: ['binary', 'seeds'] },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^zzuf: (?!maximum )|cannot be preloaded',
      meaning: 'zzuf reports an error of its own',
    },
  ],
  // For a target without seeds.
  assets: { seeds: 'src/stages/families/fuzzers/assets/seeds' },
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 4096 },
  severities: {
    ...CRASH_SEVERITIES,
    sigsegv: 'medium',
    sigabrt: 'medium',
    sigbus: 'medium',
    sigill: 'medium',
    sigfpe: 'low',
    sigxcpu: 'low',
  },
  options,
  steps: ({ options, args, target }) => {
    const { prepare, binary, seeds, seconds } = fuzzTarget(target);
    const folder = seeds ?? ({ at: 'asset', name: 'seeds' } as const);
    const seed =
      typeof folder === 'string' ? folder : { ...folder, sub: [...under(folder), options.seed].join('/') };
    return [
      ...prepare,
      {
        id: 'fuzz',
        argv: [
          // It says of each run that it was started and how it ended: the proof that there were any.
          ...[
            'zzuf',
            '--verbose',
            '--quiet',
            '--seed',
            `0:${options.inputs}`,
            '--ratio',
            String(options.ratio),
          ],
          ...['--max-crashes', '3', '--max-cputime', '2', '--max-time', String(seconds)],
          ...args,
          // No `--`: it would be taken for the program.
          binary,
          seed,
        ],
        stderr: 'report',
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  parse: (raw, context) => readZzuf(raw.report, (context.options as z.infer<typeof options>).inputs, context),
  notChecked: () => [
    'seeds but the one that the option names',
    'paths that a random change of bits does not reach: zzuf does not watch the program',
  ],
});
