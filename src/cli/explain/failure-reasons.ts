import type { FailureReason } from '../../core/failure.ts';

/** What each reason for a missing result means, and what to do. */
export const FAILURE_REASONS: Readonly<Record<FailureReason, string>> = {
  'tool-missing':
    'The scanner is unavailable: not pinned, not installed under --offline, or not on PATH. `secplan doctor` shows which; `secplan tools install` installs what is pinned.',
  'install-failed':
    'The scanner could not be installed, or what was downloaded is not what tools.lock.json pins. Run `secplan tools install TOOL` to see only this error.',
  'tool-changed':
    'Files of the installed scanner are not those that were installed, so secplan does not start it and takes no result of it from the cache. Install it again: `secplan tools install --reinstall TOOL`.',
  'spawn-failed':
    'The scanner is installed but could not be started. Run `secplan doctor` to check the machine.',
  'exit-code':
    'The scanner ended with an exit code that its definition does not declare: it crashed, or it rejected its arguments or input. Its log is in the bundle, under logs/.',
  signal:
    'A signal from outside secplan ended the scanner, often because the kernel ran out of memory. Raise tools.TOOL.resources, or run fewer scanners at a time.',
  timeout: 'secplan killed the scanner at its time limit. Raise tools.TOOL.timeout, or give it fewer files.',
  memory: 'secplan killed the scanner at its memory limit. Raise tools.TOOL.resources.memory.',
  'process-limit':
    'secplan killed the scanner because it had too many processes and threads at the same time: 1,024, and 64 for each processor core, unless tools.TOOL.resources.processes says otherwise. It was caught in a loop, or its input makes it start too many workers.',
  'file-limit':
    'secplan killed the scanner because it wrote too many files: 50,000 in its output folder, or 500,000 in a temporary folder that several steps share. Give it fewer files, or raise tools.TOOL.resources.files.',
  'disk-limit':
    'secplan killed the scanner because it wrote too much: 4 GiB to its output folder, or 16 GiB to a temporary folder that several steps share. Give it fewer files, or raise tools.TOOL.resources.output.',
  'output-too-large':
    'A report larger than 256 MiB is not read, and no file may be larger than 1 GiB, or than tools.TOOL.resources.output where that is set. Give the scanner fewer files or rules.',
  'report-missing': 'The scanner ended without writing a report. Its log is in the bundle, under logs/.',
  'report-empty': 'The scanner wrote an empty report, which it never does after a complete run.',
  'report-malformed': 'The report is truncated or does not have the format of the scanner.',
  'report-schema':
    'The report is well-formed but does not have the format of this scanner: it comes from another version, or holds an error instead of a report.',
  'report-limit':
    'The report is so large or so deep that reading it would take too much memory, or one text in it, or all of its findings together, have more than 64 Mi characters. The other scanners keep their results. Give this one fewer files or rules.',
  'exit-contradicts-report':
    'The exit code and the report disagree about whether there are findings. One of them is wrong, so secplan trusts neither.',
  'error-text': 'The scanner printed that it failed although its exit code says otherwise.',
  'nothing-examined':
    'The scanner was given files and looked at none of them. A scanner that looked at nothing did not find nothing.',
  'input-missing': 'A stage that this one depends on gave no result, so this one could not start.',
  'requirement-unmet': 'The stage needs something that this machine or runtime cannot give.',
  'required-by-policy': 'policy.coverage.require names it, and it has no result.',
  'sandbox-unavailable':
    'This machine has no working sandbox, so no scanner was started. Install bubblewrap and allow user namespaces, or pass --unsandboxed, which the evidence records.',
  unreachable:
    'The scanner may reach a host and tried to, but no connection succeeded: the name does not resolve here, nothing listens there, or a public name leads to a private address. secplan does not trust what it found without that host.',
  stack:
    'A service of the stack was not healthy in its time, could not be started, or ended while scanners were using it. Its log is in the bundle, under logs/service.NAME.log. If it is only slow, raise health.timeout.',
  'disk-full': 'No space is left for the cache, the scratch folder or the export folder.',
  engine: 'The connection to the Dagger engine was lost. The result of the stage is unknown.',
  interrupted: 'The run was stopped from outside. `secplan run --resume` continues it.',
};
