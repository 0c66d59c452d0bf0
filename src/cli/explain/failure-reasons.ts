import type { FailureReason } from '../../core/failure.ts';

/** What each reason for a missing result means, and what to do. */
export const FAILURE_REASONS: Readonly<Record<FailureReason, string>> = {
  'tool-missing':
    'The scanner is not to be had: not pinned, not installed under --offline, or not on PATH. `secplan doctor` says which, `secplan tools install` installs what is pinned.',
  'install-failed':
    'The scanner could not be installed, or what was downloaded is not what tools.lock.json pins. Try `secplan tools install TOOL` to see it alone.',
  'spawn-failed': 'The scanner was there and could not be started. `secplan doctor` checks the machine.',
  'exit-code':
    'The scanner ended with an exit code that it does not declare: it crashed, or was given what it does not take. Its log is in the bundle, under logs/.',
  signal:
    'The scanner was ended by a signal from outside of secplan: often the kernel, for want of memory. Give it more with tools.TOOL.resources, or the machine fewer at a time.',
  timeout: 'The scanner was killed at its time limit. Raise tools.TOOL.timeout, or give it fewer files.',
  memory: 'The scanner was killed at its memory limit. Raise tools.TOOL.resources.memory.',
  'output-too-large': 'A report larger than 256 MiB is not read. Give the scanner fewer files or rules.',
  'report-missing': 'The scanner ended and left no report. Its log is in the bundle, under logs/.',
  'report-empty': 'The scanner left an empty report, which it never does when it has run to its end.',
  'report-malformed': 'The report is cut off or is not in the format that the scanner writes.',
  'report-schema':
    'The report is well-formed and not what this scanner writes: another version of it, or an error in place of a report.',
  'exit-contradicts-report':
    'The exit code says clean and the report lists findings, or the other way round. One of them is wrong, so neither is believed.',
  'error-text': 'The scanner printed that it failed although its exit code says otherwise.',
  'nothing-examined':
    'The scanner was given files and looked at none of them. A scanner that looked at nothing did not find nothing.',
  'input-missing': 'A stage that this one needs left no result, so this one could not start.',
  'requirement-unmet': 'The stage needs something that this machine or runtime cannot give.',
  'required-by-policy': 'policy.coverage.require names it, and it has no result.',
  'sandbox-unavailable':
    'No working sandbox is here, so nothing was started. Install bubblewrap and allow user namespaces, or pass --unsandboxed, which the evidence records.',
  unreachable:
    'The scanner was allowed to reach a host, tried to, and no connection ever came about: the name does not resolve here, nothing listens there, or a public name leads to a private address. What it found without that host is not believed.',
  stack:
    'A service of the stack was not healthy in its time, could not be started, or ended while scanners talked to it. Its log is in the bundle, under logs/service.NAME.log. Raise health.timeout where it is only slow.',
  'disk-full': 'No space is left for the cache, the scratch folder or the export folder.',
  engine: 'The engine that runs the stages was lost. Nothing is known of what the stage found.',
  interrupted: 'The run was stopped from outside. `secplan run --resume` goes on where it stopped.',
};
