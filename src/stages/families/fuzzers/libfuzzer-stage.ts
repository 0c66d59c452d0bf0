import type { FaultText, OutputSpec } from '../../contract/output.ts';
import type { Provider } from '../../contract/provider.ts';

/** The fuzzer is a part of the program that it fuzzes: what has to be there is what ends it in time. */
export const LIBFUZZER_PROVIDERS: readonly Provider[] = [
  { name: 'path', runtime: 'local', kind: 'path', package: 'coreutils', bin: 'timeout' },
];

export const LIBFUZZER_OUTPUTS: readonly OutputSpec[] = [
  { name: 'report', type: 'text', mediaType: 'text/plain' },
];

export const LIBFUZZER_FAULTS: readonly FaultText[] = [
  {
    in: 'stderr',
    pattern: '^(?:FATAL|INFO: a leak has been found in the initial corpus)|^timeout: ',
    meaning: 'the fuzzer reports an error',
  },
];
