import type { PolicyFileRef } from '../../compiler/model/model.ts';
import { digestOf } from '../../core/canonical.ts';
import { findCommit, openCommit, readBlob } from '../git/git-ref.ts';
import { lastChange, movedFiles } from '../git/moved-files.ts';

/**
 * Files that moved since the baseline was last written: today's path to the one before. Since HEAD where the baseline is not
 * the one that HEAD has. Empty without a repository or a baseline; a shallow clone knows what moved in its commits alone.
 */
export async function movedSinceBaseline(
  workspace: string,
  baseline: PolicyFileRef | undefined,
  ref = 'HEAD',
): Promise<ReadonlyMap<string, string>> {
  if (baseline === undefined || baseline.digest === null) return new Map();
  const head = await findCommit(workspace, ref, { code: 'SP9001', option: '', help: '' });
  if (!head.ok) return new Map();
  return openCommit(head.value, async (open) => {
    const committed = await readBlob(open, baseline.path);
    const same = committed !== undefined && digestOf(committed) === baseline.digest;
    const since = same ? await lastChange(open, baseline.path) : open.sha;
    return since === undefined ? new Map<string, string>() : movedFiles({ ...open, sha: since });
  });
}
