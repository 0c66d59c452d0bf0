import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { FUZZ_REQUIREMENTS } from '../families/fuzzers/fuzz-requirements.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'afl',
  kind: 'scan',
  category: 'fuzz',
  tool: { name: 'AFL++', homepage: 'https://aflplus.plus/', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'debian', runtime: 'local', kind: 'debian', package: 'afl++', bin: 'afl-fuzz' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'afl++', bin: 'afl-fuzz' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aflplusplus/aflplusplus', bin: 'afl-fuzz' },
  ],
  // The program and its fuzzer meet in System V segments.
  requires: { ...FUZZ_REQUIREMENTS, privileges: ['shared-memory'] },
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
};
