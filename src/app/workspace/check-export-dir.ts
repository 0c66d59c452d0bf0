import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { type StartedListing, startListing } from '../../executor/inventory/list-files.ts';
import { pathBelow } from '../../io/paths.ts';

/**
 * Why bundles are not written to a folder: it lies in the workspace and is reached through a symbolic link of the tree, git tracks
 * files in it (a commit could then bring along a bundle that nobody made), or its `latest` is no link. SP5088; undefined where it is fine.
 * @param exportDir absolute
 * @param workspace absolute, links resolved
 */
export async function checkExportDir(
  exportDir: string,
  workspace: string,
  listing: StartedListing = startListing(workspace),
): Promise<Diagnostic | undefined> {
  const refused = (why: string, help: string): Diagnostic =>
    diagnostic('SP5088', `the export folder ${exportDir} is not used: ${why}`, { help });
  const latest = lstatSync(join(exportDir, 'latest'), { throwIfNoEntry: false });
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
    const tracked = await trackedBelow(below, listing);
    if (tracked !== undefined) {
      const help =
        'Remove its files from the repository and add it to .gitignore, or choose a folder with --export-dir.';
      return refused(`git tracks ${tracked}`, help);
    }
  }
  if (latest !== undefined && !latest.isSymbolicLink())
    return refused('its `latest` is not a symbolic link', 'Remove it, or choose a folder with --export-dir.');
  return undefined;
}

async function trackedBelow(folder: string, { answer }: StartedListing): Promise<string | undefined> {
  const listed = await answer;
  if (listed === undefined || !listed.ok) return undefined;
  return listed.files.tracked.find((path) => path === folder || path.startsWith(`${folder}/`));
}
