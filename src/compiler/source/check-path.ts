import { posix } from 'node:path';
import type { Reporter } from './reporter.ts';
import type { WorkspaceFacts } from './workspace-facts.ts';

/**
 * Normalises a path of the manifest and reports one that leaves the workspace, also through a symbolic link (SP2011),
 * or is not there (SP2012).
 * @returns the path relative to the workspace, `.` for the workspace itself; undefined when it was reported
 */
export function checkPath(
  path: string,
  pointer: string,
  { facts, out }: { readonly facts: WorkspaceFacts; readonly out: Reporter },
  use: { readonly mayBeMissing?: boolean } = {},
): string | undefined {
  const normal = posix.normalize(path).replace(/(?<=.)\/+$/, '');
  if (leaves(path) || leaves(normal)) {
    out.report('SP2011', pointer, 'path leaves the workspace', {
      value: path,
      allowed: ['a path in the workspace'],
    });
    return undefined;
  }
  const fact = facts.lookup(normal);
  if (fact === 'outside') {
    out.report('SP2011', pointer, 'path leaves the workspace through a symbolic link', { value: path });
    return undefined;
  }
  if (fact === 'other' || (fact === 'missing' && !use.mayBeMissing)) {
    const summary =
      fact === 'other' ? 'path is neither a file nor a folder' : 'path not found in the workspace';
    out.report('SP2012', pointer, summary, { value: path });
    return undefined;
  }
  return normal;
}

/** Reports a glob that could only match outside of the workspace (SP2011). @returns the globs as a sorted set */
export function checkGlobs(globs: readonly string[] | undefined, pointer: string, out: Reporter): string[] {
  for (const [index, glob] of (globs ?? []).entries()) {
    if (leaves(glob) || glob.split('/').includes('..')) {
      out.report('SP2011', `${pointer}/${index}`, 'glob leaves the workspace', { value: glob });
    }
  }
  return [...new Set(globs)].sort();
}

function leaves(path: string): boolean {
  return (
    path.startsWith('/') || path.startsWith('\\') || /^[A-Za-z]:[\\/]/.test(path) || /^\.\.(\/|$)/.test(path)
  );
}
