import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readLibfuzzer, sanitizeLibfuzzer } from '../families/fuzzers/libfuzzer-log.ts';
import { libfuzzerSteps } from '../families/fuzzers/libfuzzer-steps.ts';
import { CRASH_SEVERITIES } from '../families/fuzzers/sanitizer-crash.ts';
import { variants } from './variants.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'oss-fuzz',
  kind: 'scan',
  category: 'fuzz',
  tool: {
    name: 'OSS-Fuzz',
    homepage: 'https://google.github.io/oss-fuzz/',
    license: 'Apache-2.0',
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
  steps: (context) =>
    libfuzzerSteps(context, {
      rssLimitMb: 2560,
      // As OSS-Fuzz sets them for the targets that it runs.
      env: {
        ASAN_OPTIONS:
          'detect_leaks=1:symbolize=1:allocator_may_return_null=1:handle_abort=1:detect_stack_use_after_return=0',
        UBSAN_OPTIONS: 'print_stacktrace=1:symbolize=1:halt_on_error=1',
        MSAN_OPTIONS: 'symbolize=1:print_stats=1:allocator_may_return_null=1',
      },
    }),
  variants,
  parse: (raw, context) => readLibfuzzer(raw.report, context),
  notChecked: () => [
    'inputs after the first that ends the program',
    'what only OSS-Fuzz itself has: its corpora, its other engines, its hours',
  ],
  sanitize: (_, text) => sanitizeLibfuzzer(text),
});
