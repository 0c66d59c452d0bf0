import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { FUZZ_REQUIREMENTS } from '../families/fuzzers/fuzz-requirements.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';

export const options = z.object({
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

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'zzuf',
  kind: 'scan',
  category: 'fuzz',
  tool: { name: 'zzuf', homepage: 'http://caca.zoy.org/wiki/zzuf', license: 'WTFPL', status: 'active' },
  // From the system alone: it preloads a library from where Debian's package puts it, and with the package unpacked
  // elsewhere it goes on without, changes no input, and finds nothing.
  providers: [{ name: 'path', runtime: 'local', kind: 'path', package: 'zzuf', bin: 'zzuf' }],
  requires: FUZZ_REQUIREMENTS,
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^zzuf: (?!maximum )|cannot be preloaded',
      meaning: 'zzuf reports an error',
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
};
