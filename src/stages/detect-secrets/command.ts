import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

/** Subresource integrity, as lock files and pages have it: of the exact length of its algorithm. */
const CHECKSUM =
  '^(?:sha1-[A-Za-z0-9+/]{27}=|sha256-[A-Za-z0-9+/]{43}=|sha384-[A-Za-z0-9+/]{64}|sha512-[A-Za-z0-9+/]{86}==)$';

/** A whole line of Cargo.lock or composer.lock that holds a checksum or a commit. */
const CHECKSUM_LINE = '^(?:checksum = "[0-9a-f]{64}"|\\s*"(?:shasum|reference)": "[0-9a-f]{40}",?)\\s*$';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: [
        // -v: one line for each file that is read. --no-verify: it would try the secrets at their services.
        ...['detect-secrets', '-v', '--cores', '1', 'scan', '--all-files', '--no-verify'],
        // Comments (`pragma: allowlist secret`) must not silence a finding, nor a file's name.
        ...['--disable-filter', 'detect_secrets.filters.allowlist.is_line_allowlisted'],
        ...['--disable-filter', 'detect_secrets.filters.heuristic.is_swagger_file'],
        // Lock files are read like any other: of their thousands of checksums none is a secret.
        ...['--disable-filter', 'detect_secrets.filters.heuristic.is_lock_file'],
        ...['--exclude-secrets', CHECKSUM, '--exclude-lines', CHECKSUM_LINE],
        ...args,
        '.',
      ],
      // Whatever its encoding, a text is read: see sitecustomize.py.
      env: { PYTHONPATH: { at: 'asset', name: 'site' } },
      stdout: 'report',
      stderr: 'files',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['secrets in archives'],
};
