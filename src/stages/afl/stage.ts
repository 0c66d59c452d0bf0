import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { fuzzTarget } from '../families/fuzzers/fuzz-target.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';
import { readAfl, sanitizeStats } from './output.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'afl',
  kind: 'scan',
  category: 'fuzz',
  tool: { name: 'AFL++', homepage: 'https://aflplus.plus/', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'debian', runtime: 'local', kind: 'debian', package: 'afl++', bin: 'afl-fuzz' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'afl++', bin: 'afl-fuzz' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aflplusplus/aflplusplus', bin: 'afl-fuzz' },
  ],
  requires: { target: 'fuzz', files: ['binary', 'seeds'] },
  outputs: [
    { name: 'stats', type: 'text', mediaType: 'text/plain', file: 'afl/default/fuzzer_stats' },
    {
      name: 'crashes',
      type: 'json',
      mediaType: 'application/octet-stream',
      file: 'afl/default/crashes',
      tree: true,
      required: false,
    },
  ],
  faults: [{ in: 'stdout', pattern: 'PROGRAM ABORT|No instrumentation detected', meaning: 'AFL++ gave up' }],
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
  },
  options,
  steps: ({ args, target }) => {
    const { prepare, binary, seeds, seconds } = fuzzTarget(target);
    return [
      ...prepare,
      {
        id: 'fuzz',
        argv: [
          ...['afl-fuzz', '-V', String(seconds), '-s', '1', '-m', 'none', ...args],
          ...['-i', seeds ?? ({ at: 'asset', name: 'seeds' } as const)],
          ...['-o', { at: 'out', sub: 'afl' } as const, '--', binary, '@@'],
        ],
        env: {
          AFL_NO_UI: '1',
          AFL_NO_COLOR: '1',
          // A sandbox has no say in the machine's frequency, cores and crash reports.
          AFL_SKIP_CPUFREQ: '1',
          AFL_NO_AFFINITY: '1',
          AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES: '1',
        },
        // It ends with 0 whatever it found: its statistics tell.
        exits: { '0': 'ok' },
      },
    ];
  },
  parse: (raw, context) => readAfl(raw, context),
  notChecked: () => [
    'what needs more time than the target is given',
    'flaws that do not end the program: build it with a sanitizer',
  ],
  sanitize: (_, text) => sanitizeStats(text),
});
