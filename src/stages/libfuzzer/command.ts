import type { StageCommand } from '../contract/command.ts';
import { libfuzzerSteps } from '../families/fuzzers/libfuzzer-steps.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: (context) => libfuzzerSteps(context, { rssLimitMb: 2048 }),
  notChecked: () => ['inputs after the first crash', 'flaws that need more time than the target allows'],
};
