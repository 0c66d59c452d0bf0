import { EVIDENCE_COMMANDS } from './commands-evidence.ts';
import { FUTURE_COMMANDS } from './commands-future.ts';
import { INSPECT_COMMANDS } from './commands-inspect.ts';
import { SCAN_COMMANDS } from './commands-scan.ts';
import { TOOLCHAIN_COMMANDS } from './commands-toolchain.ts';
import type { CommandSpec } from './shared/command-spec.ts';

/** Every command, in the order of help. What a command does is loaded when it is called, never for the table. */
export const COMMANDS: readonly CommandSpec[] = [
  ...SCAN_COMMANDS,
  ...INSPECT_COMMANDS,
  ...TOOLCHAIN_COMMANDS,
  ...EVIDENCE_COMMANDS,
  ...FUTURE_COMMANDS,
];
