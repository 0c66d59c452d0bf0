import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobId } from '../../io/git-blob-id.ts';
import type { RunGit } from '../../io/git-command.ts';

/** More files than this are not compared: a tree with so many is called changed. */
const MOST_COMPARED = 500;

/**
 * Whether one of the files that `git status` does not look at (`skip-worktree`, `assume-unchanged`) is on disk with another
 * content than the index has. Bytes are compared: one that git would convert counts as changed.
 * @param paths of these files, relative to the root
 */
export async function hasHiddenChanges(
  run: RunGit,
  root: string,
  paths: readonly string[],
): Promise<boolean> {
  const there = paths.filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile());
  if (there.length === 0) return false;
  if (there.length > MOST_COMPARED) return true;
  const listed = await run(root, ['ls-files', '-z', '--stage', '--', ...there]);
  if (!listed.ok || listed.exitCode !== 0) return true;
  const ids = new Map<string, string>();
  for (const record of listed.stdout.toString('utf8').split('\0')) {
    const entry = /^\d+ ([0-9a-f]{40,64}) \d\t(.+)$/s.exec(record);
    if (entry !== null) ids.set(entry[2] ?? '', entry[1] ?? '');
  }
  return there.some((path) => idOf(join(root, path), ids.get(path) ?? '') !== ids.get(path));
}

function idOf(file: string, like: string): string | undefined {
  try {
    return blobId(readFileSync(file), like);
  } catch {
    return undefined;
  }
}
