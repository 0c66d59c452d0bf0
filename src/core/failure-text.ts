import type { Failure, ReportLimit } from './failure.ts';
import { unreachable } from './unreachable.ts';

/** One line for people; the union's own fields are for programs. */
export function failureText(failure: Failure): string {
  switch (failure.reason) {
    case 'tool-missing':
      return `tool unavailable: ${failure.detail}`;
    case 'install-failed':
      return `install failed: ${failure.detail}`;
    case 'tool-changed':
      return `changed since it was installed: ${failure.detail}`;
    case 'spawn-failed':
      return `could not be started: ${failure.detail}`;
    case 'exit-code':
      return exitCodeText(failure);
    case 'signal':
      return `${failure.step} was killed by ${failure.signal}`;
    case 'timeout':
    case 'memory':
    case 'process-limit':
    case 'file-limit':
    case 'disk-limit':
      return `killed${overLimitText(failure)}`;
    case 'output-too-large':
      return `${failure.output} is larger than ${mebibytes(failure.limitBytes)} MiB`;
    case 'report-missing':
      return `wrote no ${failure.output}`;
    case 'report-empty':
      return `wrote an empty ${failure.output}`;
    case 'report-malformed':
      return `${failure.output} is malformed or truncated: ${failure.detail}`;
    case 'report-schema':
      return `${failure.output} does not have the expected format: ${failure.detail}`;
    case 'report-limit':
      return reportLimitText(failure.output, failure.limit);
    case 'exit-contradicts-report':
      return contradictionText(failure);
    case 'error-text':
      return `reported a failure: ${failure.text}`;
    case 'nothing-examined':
      return `received ${failure.given} files and examined none: ${failure.detail}`;
    case 'input-missing':
      return `its ${failure.artifact === 'db' ? 'database' : failure.artifact} (${failure.producer}) is missing`;
    case 'requirement-unmet':
    case 'required-by-policy':
      return failure.detail;
    case 'sandbox-unavailable':
      return `no working sandbox: ${failure.detail}`;
    case 'unreachable':
      return `no answer: ${failure.detail}`;
    case 'stack':
      return `service ${failure.service}: ${failure.detail}`;
    case 'disk-full':
      return `no space left: ${failure.detail}`;
    case 'engine':
      return `no Dagger engine: ${failure.detail}`;
    case 'interrupted':
      return 'interrupted';
    default:
      return unreachable(failure);
  }
}

function exitCodeText({
  step,
  exitCode,
  stderrTail,
}: Extract<Failure, { readonly reason: 'exit-code' }>): string {
  const tail = stderrTail.trim().split('\n').at(-1) ?? '';
  return `${step} exited with ${exitCode}, an undeclared exit code${tail ? `: ${tail}` : ''}`;
}

function contradictionText({
  exitCode,
  findings,
}: Extract<Failure, { readonly reason: 'exit-contradicts-report' }>): string {
  return findings === 0
    ? `exit code ${exitCode} means "findings", but the report has none`
    : `exit code ${exitCode} means "clean", but the report has ${findings} ${findings === 1 ? 'finding' : 'findings'}`;
}

type OverLimit = Extract<
  Failure,
  { readonly reason: 'timeout' | 'memory' | 'process-limit' | 'file-limit' | 'disk-limit' }
>;

function overLimitText(failure: OverLimit): string {
  switch (failure.reason) {
    case 'timeout':
      return ` after ${failure.limitMs / 1000} s`;
    case 'memory':
      return `: used more than ${mebibytes(failure.limitBytes)} MiB of memory (setting: resources.memory)`;
    case 'process-limit':
      return `: had more than ${failure.limit} processes and threads at the same time (setting: resources.processes)`;
    case 'file-limit':
      return `: wrote more than ${failure.limit} files to ${failure.folder} (setting: resources.files)`;
    case 'disk-limit':
      return `: wrote more than ${mebibytes(failure.limitBytes)} MiB to ${failure.folder} (setting: resources.output)`;
    default:
      return unreachable(failure);
  }
}

function reportLimitText(output: string, limit: ReportLimit): string {
  switch (limit.kind) {
    case 'memory':
      return `reading ${output} took more than ${mebibytes(limit.bytes)} MiB of memory`;
    case 'text':
      return `${output} has a text, or findings and notes together, of more than ${mebibytes(limit.characters)} Mi characters`;
    default:
      return unreachable(limit);
  }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
