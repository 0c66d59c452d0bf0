import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { FUZZ_REQUIREMENTS } from '../families/fuzzers/fuzz-requirements.ts';
import {
  LIBFUZZER_FAULTS,
  LIBFUZZER_OUTPUTS,
  LIBFUZZER_PROVIDERS,
} from '../families/fuzzers/libfuzzer-stage.ts';
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
  providers: LIBFUZZER_PROVIDERS,
  // The leak detector of the sanitizers stops the program's threads by ptrace.
  requires: { ...FUZZ_REQUIREMENTS, privileges: ['ptrace'] },
  outputs: LIBFUZZER_OUTPUTS,
  faults: LIBFUZZER_FAULTS,
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 4096 },
  severities: { ...CRASH_SEVERITIES },
};
