import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readLibfuzzer, sanitizeLibfuzzer } from '../families/fuzzers/libfuzzer-log.ts';
import { libfuzzerSteps } from '../families/fuzzers/libfuzzer-steps.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
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
      meaning: 'the fuzzer reports an error of its own',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 4096 },
  severities: { ...CRASH_SEVERITIES },
  options,
  steps: (context) => libfuzzerSteps(context, { rssLimitMb: 2048 }),
  parse: (raw, context) => readLibfuzzer(raw.report, context),
  notChecked: () => [
    'inputs after the first that ends the program',
    'what needs more time than the target is given',
  ],
  sanitize: (_, text) => sanitizeLibfuzzer(text),
});
