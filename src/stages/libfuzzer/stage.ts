import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'libfuzzer',
  kind: 'scan',
  category: 'fuzz',
  tool: {
    name: 'libFuzzer',
    homepage: 'https://llvm.org/docs/LibFuzzer.html',
    license: 'Apache-2.0 WITH LLVM-exception',
    status: 'active',
  },
  // The fuzzer is a part of the program that it fuzzes: what has to be there is what ends it in time.
  providers: [{ name: 'path', runtime: 'local', kind: 'path', package: 'coreutils', bin: 'timeout' }],
  requires: { target: 'fuzz', files: ['binary', 'seeds'] },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:FATAL|INFO: a leak has been found in the initial corpus)|^timeout: ',
      meaning: 'the fuzzer reports an error',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 4096 },
  severities: { ...CRASH_SEVERITIES },
};
