import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of the lock file and of tools that are to be installed or found. */
export const TOOL_CODES = {
  SP4001: entry(
    'error',
    'lock file unusable',
    'tools.lock.json is not valid. Write it again with `secplan tools lock`.',
  ),
  SP4002: entry('error', 'tool not locked', 'Under --locked every tool must be pinned by tools.lock.json.'),
  SP4003: entry('error', 'install failed', 'The tool could not be installed. Its stage is incomplete.'),
  SP4004: entry(
    'error',
    'hash mismatch',
    'The download does not match the hash in tools.lock.json. It was discarded.',
  ),
  SP4005: entry(
    'error',
    'offline',
    'The tool is not installed and --offline forbids downloading it. Run `secplan tools install` first.',
  ),
  SP4006: entry(
    'error',
    'installer missing',
    'The program that installs this kind of package is not on PATH.',
  ),
  SP4007: entry(
    'error',
    'tool found inside the scanned tree',
    'secplan never starts a program that PATH finds inside the workspace.',
  ),
  SP4008: entry('error', 'tool store full', 'No space is left where tools are installed. Free some there.'),
  SP4009: entry('error', 'installed tool changed', 'Files of the tool are not those that were installed.'),
  SP4017: entry(
    'error',
    'tool unavailable',
    'tools.lock.json pins nothing of the tool for this machine, and PATH does not have it. The message lists every way out.',
  ),
  SP4016: entry(
    'error',
    'malicious version',
    'This version of the tool is known to be malicious. secplan neither installs nor starts it, from whatever provider. Pin another one.',
  ),
  SP4015: entry(
    'warning',
    'tool from another provider',
    'The preferred provider of the tool is unavailable, so the next pinned one is used. The evidence names it.',
  ),
  SP5011: entry('warning', 'installer without sandbox', 'Installers run as ordinary processes of this user.'),
} as const satisfies Record<string, CodeEntry>;
