import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MAX_POLICY_FILE_BYTES } from '../../compiler/read/read.ts';
import type { ReadPolicyFile } from './read-policy-inputs.ts';

/** Reads regular files that lie in a workspace, also through links, and are not too large. */
export function workspaceFiles(workspace: string): ReadPolicyFile {
  return (path) => {
    try {
      const root = realpathSync(workspace);
      const real = realpathSync(join(root, path));
      if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
      const facts = statSync(real);
      return facts.isFile() && facts.size <= MAX_POLICY_FILE_BYTES ? readFileSync(real) : undefined;
    } catch {
      return undefined;
    }
  };
}
