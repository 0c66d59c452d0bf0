import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { digestOf } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';

const MAX_BYTES = 16 * 2 ** 20;

/** sha256 of a script of the workspace; undefined when it is not a regular file inside it, also through links. */
export function scriptDigest(workspace: string, path: string): Digest | undefined {
  try {
    const real = realpathSync(join(workspace, path));
    if (!real.startsWith(`${workspace}${sep}`)) return undefined;
    const facts = statSync(real);
    return facts.isFile() && facts.size <= MAX_BYTES ? digestOf(readFileSync(real)) : undefined;
  } catch {
    return undefined;
  }
}
