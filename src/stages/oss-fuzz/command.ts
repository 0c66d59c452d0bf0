import type { StageCommand } from '../contract/command.ts';
import { libfuzzerSteps } from '../families/fuzzers/libfuzzer-steps.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
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
  notChecked: () => [
    'inputs after the first crash',
    'what only OSS-Fuzz itself has: its corpora, its other engines, its running time',
  ],
};
