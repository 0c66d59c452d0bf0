import type { Failure } from '../../../core/failure.ts';

/** Why a stage could not be started, from what was thrown. */
export function startFailure(error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { reason: 'disk-full', detail: String(error) };
  return { reason: 'spawn-failed', detail: String(error) };
}
