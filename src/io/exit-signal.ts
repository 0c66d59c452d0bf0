import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The signal behind an exit code of 128 + n, which is how a sandbox's init and shells pass one on. */
export function signalOfExit(exitCode: number): string | undefined {
  return exitCode > 128 ? NAMES.get(exitCode - 128) : undefined;
}
