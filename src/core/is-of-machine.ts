import type { Diagnostic } from './diagnostic.ts';

/** Codes that mean the machine or a folder on it, not the request: exit 3 instead of 2. */
const OF_MACHINE: ReadonlySet<string> = new Set(['SP5001', 'SP5002', 'SP5003', 'SP5007', 'SP5086', 'SP5088']);

/** Whether nothing is wrong with what was asked for: all errors, of which there is one, are the machine's. */
export function isOfMachine(diagnostics: readonly Diagnostic[]): boolean {
  const errors = diagnostics.filter(({ level }) => level === 'error');
  return errors.length > 0 && errors.every(({ code }) => OF_MACHINE.has(code));
}
