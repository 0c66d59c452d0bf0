import { DEFAULT_BASELINE } from '../../compiler/resolve/check-policy-files.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { blobId } from '../../io/git-blob-id.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { filesToCompare, type SinceFacts } from '../../policy/since.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { findCommit, mergeBase, type OpenCommit, openCommit, readBlob, treeOf } from '../git/git-ref.ts';
import { movedFiles } from '../git/moved-files.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { readBaseline } from '../policy-inputs/read-baseline.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';

const HELP = 'Name a branch, tag or commit; in CI fetch enough history, for example with `fetch-depth: 0`.';

/** What was there before a change, as far as these findings ask. */
export interface SinceOf {
  of(findings: readonly Finding[]): SinceFacts;
  /** Today's path to that at the merge base. */
  readonly moved: ReadonlyMap<string, string>;
}

/**
 * Compares the workspace with the merge base of a ref and HEAD. A file is unchanged when its bytes are those of the
 * commit: no filter runs, so one that git would convert counts as changed. SP9001 for a ref that is not there, SP4012
 * without a merge base, SP4010 for a baseline of the ref that is none.
 */
export async function changedSince(
  ref: string,
  plan: Plan,
  workspace: string,
  read: ReadPolicyFile,
): Promise<Outcome<SinceOf>> {
  const refusal = { code: 'SP9001', option: '--changed-since', help: HELP } as const;
  const commit = await findCommit(workspace, ref, refusal);
  if (!commit.ok) return commit;
  return openCommit(commit.value, (open) => comparison(open, plan, read));
}

async function comparison(commit: OpenCommit, plan: Plan, read: ReadPolicyFile): Promise<Outcome<SinceOf>> {
  const { ref } = commit;
  const base = await mergeBase(commit);
  if (base === undefined) {
    const said = `--changed-since ${ref}: no commit in common with HEAD`;
    return failed([diagnostic('SP4012', said, { help: HELP })]);
  }
  const tree = await treeOf({ ...commit, sha: base });
  if (!tree.ok) return tree;
  const path = plan.policy.baseline?.path ?? DEFAULT_BASELINE;
  const bytes = await readBlob(commit, path);
  const baseline = bytes === undefined ? undefined : readBaseline(path, bytes);
  if (baseline !== undefined && !baseline.ok) return baseline;
  const perFile = toolStages(plan)
    .filter(
      ({ definition, target }) => catalogue.get(definition)?.perFile === true && target.path !== undefined,
    )
    .map(({ id }) => id as string);
  const moved = await movedFiles({ ...commit, sha: base });
  const known = new Map<string, boolean>();
  const isUnchanged = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    const id = tree.value.get(moved.get(file) ?? file);
    const content = id === undefined ? undefined : read(file);
    const same = id !== undefined && content !== undefined && blobId(content, id) === id;
    known.set(file, same);
    return same;
  };
  return success({
    moved,
    of: (findings) => ({
      ref,
      commit: commit.sha,
      mergeBase: base,
      baseline: baseline?.value.findings ?? [],
      perFile,
      unchanged: filesToCompare(findings, perFile).filter(isUnchanged),
    }),
  });
}
