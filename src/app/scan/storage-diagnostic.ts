import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { GONE_FROM_CACHE } from '../../evidence/write-bundle.ts';

/** A full or unwritable disk as a diagnostic (SP5002, SP5003); undefined for every other error, which is a bug. */
export function storageDiagnostic(error: unknown): Diagnostic | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === GONE_FROM_CACHE) {
    return diagnostic('SP5007', message, {
      help: 'Run again with --resume: secplan recreates what is missing.',
    });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return diagnostic('SP5002', `no space left: ${message}`, {
      help: 'Incomplete files were removed. Free some space, then run again with --resume.',
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR')
    return diagnostic('SP5003', message);
  return undefined;
}
