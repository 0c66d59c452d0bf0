import type { Failure } from '../core/failure.ts';

/** What an error of the file system means for a stage; undefined when it is no such error but a bug. */
export function storageFailure(error: unknown, what: string): Failure | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  const detail = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { reason: 'disk-full', detail };
  return { reason: 'engine', detail };
}
