import { posix } from 'node:path';
import type { Digest } from '../../core/ids.ts';
import type { PlanContext } from './draft.ts';

/**
 * The words of a command that name a file of the workspace, by its path: `sh start.sh` runs a script as `./start.sh` does,
 * and so does `sh tools/../start.sh`. `folder` is where the command runs, relative to the workspace.
 */
export function startedScripts(
  words: readonly string[],
  folder: string,
  { scriptDigest }: Pick<PlanContext, 'scriptDigest'>,
): Readonly<Record<string, Digest>> {
  const found: Record<string, Digest> = {};
  for (const word of words) {
    if (word === '' || word.startsWith('/') || word.startsWith('-')) continue;
    const path = posix.join(folder, word);
    if (path === '.' || path.startsWith('../') || path === '..') continue;
    const digest = scriptDigest?.(path);
    if (digest !== undefined) found[path] = digest;
  }
  return found;
}
