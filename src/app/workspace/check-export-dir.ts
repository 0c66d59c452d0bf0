import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { StartedListing } from '../../executor/inventory/list-files.ts';
import { findRepository } from '../../io/find-repository.ts';
import { runGit } from '../../io/git-command.ts';
import { pathBelow } from '../../io/paths.ts';

/**
 * Why bundles are neither written to a folder nor read from it: it or a folder above it is a file, it lies in the workspace and is
 * reached through a symbolic link of the tree, git tracks files in it (a commit could then bring along a bundle that nobody made), or its `latest` is no link.
 * SP5088; undefined where it is fine.
 * @param exportDir absolute
 * @param workspace absolute, links resolved
 * @param listing what git was asked already; absent: it is asked about the folder alone
 */
export async function checkExportDir(
  exportDir: string,
  workspace: string,
  listing?: StartedListing,
): Promise<Diagnostic | undefined> {
  const refused = (why: string, help: string): Diagnostic =>
    diagnostic('SP5088', `the export folder ${exportDir} is not used: ${why}`, { help });
  const file = fileAbove(exportDir);
  if (file !== undefined)
    return refused(
      `${pathBelow(workspace, file) ?? file} is not a folder`,
      'Choose a folder with --export-dir.',
    );
  const below = pathBelow(workspace, exportDir);
  if (below !== undefined) {
    const parts = below.split('/');
    for (const [at] of parts.entries()) {
      const path = parts.slice(0, at + 1).join('/');
      const stat = lstatSync(join(workspace, path), { throwIfNoEntry: false });
      if (stat?.isSymbolicLink())
        return refused(
          `${path} is a symbolic link`,
          'Remove the link, or choose a folder with --export-dir.',
        );
    }
    const tracked = (await trackedPaths(below, workspace, listing)).find((path) => concerns(path, below));
    if (tracked !== undefined) {
      const help =
        'Remove its files from the repository and add it to .gitignore, or choose a folder with --export-dir.';
      return refused(`git tracks ${tracked}`, help);
    }
  }
  const latest = lstatSync(join(exportDir, 'latest'), { throwIfNoEntry: false });
  if (latest !== undefined && !latest.isSymbolicLink())
    return refused('its `latest` is not a symbolic link', 'Remove it, or choose a folder with --export-dir.');
  return undefined;
}

/** The first thing on the way to a folder that exists and is none; absolute. */
function fileAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const stat = existing(at);
    if (stat !== undefined) return stat.isDirectory() ? undefined : at;
    if (at === dirname(at)) return undefined;
  }
}

function existing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Something above it is a file or may not be entered.
    return undefined;
  }
}

/** The folder, something in it, or what it lies in where git tracks that as one thing: a submodule. */
function concerns(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || folder.startsWith(`${path}/`);
}

async function trackedPaths(
  folder: string,
  workspace: string,
  listing: StartedListing | undefined,
): Promise<readonly string[]> {
  if (listing !== undefined) {
    const listed = await listing.answer;
    return listed?.ok === true ? listed.files.tracked : [];
  }
  const repository = findRepository(workspace, process.env.PATH);
  if (!repository.ok) return [];
  const [first = folder] = folder.split('/');
  const listed = await runGit(repository.place, workspace, ['ls-files', '-z', '--cached', '--', first]);
  return listed.ok ? listed.stdout.toString('utf8').split('\0').filter(Boolean) : [];
}
