import type { Failure } from './failure.ts';
import { unreachable } from './unreachable.ts';

/** One line for people; the union's own fields are for programs. */
export function failureText(failure: Failure): string {
  switch (failure.reason) {
    case 'tool-missing':
      return `tool not to be had: ${failure.detail}`;
    case 'install-failed':
      return `install failed: ${failure.detail}`;
    case 'spawn-failed':
      return `could not be started: ${failure.detail}`;
    case 'exit-code': {
      const tail = failure.stderrTail.trim().split('\n').at(-1) ?? '';
      return `${failure.step} exited with ${failure.exitCode}, which it does not declare${tail ? `: ${tail}` : ''}`;
    }
    case 'signal':
      return `${failure.step} was ended by ${failure.signal}`;
    case 'timeout':
      return `killed after ${failure.limitMs / 1000} s`;
    case 'memory':
      return `killed over ${Math.round(failure.limitBytes / 2 ** 20)} MiB of memory`;
    case 'output-too-large':
      return `${failure.output} grew over ${Math.round(failure.limitBytes / 2 ** 20)} MiB`;
    case 'report-missing':
      return `wrote no ${failure.output}`;
    case 'report-empty':
      return `wrote an empty ${failure.output}`;
    case 'report-malformed':
      return `${failure.output} is broken or cut off: ${failure.detail}`;
    case 'report-schema':
      return `${failure.output} is not what the tool should write: ${failure.detail}`;
    case 'exit-contradicts-report':
      return `exit code ${failure.exitCode} does not go with ${failure.findings} findings in its report`;
    case 'error-text':
      return `said of itself: ${failure.text}`;
    case 'nothing-examined':
      return `was given ${failure.given} files and looked at none: ${failure.detail}`;
    case 'input-missing':
      return `needs ${failure.artifact}, which ${failure.producer} did not leave`;
    case 'requirement-unmet':
      return failure.detail;
    case 'required-by-policy':
      return failure.detail;
    case 'sandbox-unavailable':
      return `no working sandbox: ${failure.detail}`;
    case 'unreachable':
      return `got no answer: ${failure.detail}`;
    case 'stack':
      return `service ${failure.service}: ${failure.detail}`;
    case 'disk-full':
      return `no space left: ${failure.detail}`;
    case 'engine':
      return `engine lost: ${failure.detail}`;
    case 'interrupted':
      return 'interrupted';
    default:
      return unreachable(failure);
  }
}
