import type { OpenCommit } from './git-ref.ts';

/**
 * Files that were moved or renamed since a commit: today's path to the one before, both below the workspace. As git tells
 * them: a file that is gone, and a tracked one with at least half of its content. Empty where git cannot say.
 */
export async function movedFiles({
  run,
  place,
  sha,
  prefix,
}: OpenCommit): Promise<ReadonlyMap<string, string>> {
  const listed = await run(place.workTree, [
    'diff',
    ...['--name-status', '-z', '--find-renames=50%', '--diff-filter=R'],
    ...['--no-ext-diff', '--no-textconv', '--ignore-submodules=all'],
    sha,
    '--',
  ]);
  const moved = new Map<string, string>();
  if (!listed.ok || listed.exitCode !== 0) return moved;
  // `R<similarity>`, the old path and the new one, each ended by NUL.
  const parts = listed.stdout.toString('utf8').split('\0');
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const [before = '', after = ''] = [parts[at + 1], parts[at + 2]];
    if (before.startsWith(prefix) && after.startsWith(prefix))
      moved.set(after.slice(prefix.length), before.slice(prefix.length));
  }
  return moved;
}

/** The last commit up to this one that changed a file; undefined where git knows none. */
export async function lastChange(
  { run, place, sha, prefix }: OpenCommit,
  path: string,
): Promise<string | undefined> {
  const found = await run(place.workTree, ['log', '-1', '--format=%H', sha, '--', `${prefix}${path}`]);
  const commit = found.ok && found.exitCode === 0 ? found.stdout.toString('utf8').trim() : '';
  return /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}
