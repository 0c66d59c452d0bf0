import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathBelow, realPathOf } from '../../io/paths.ts';
import { type StartedListing, startListing } from '../inventory/list-files.ts';

/**
 * Why a cache folder cannot be one's own, in words. The machine's cache is not signed: whoever can put a file into it
 * decides what was found. One that lies in the workspace must hold nothing that came with the repository, nor be
 * reached through something that did.
 * @param root the workspace, links resolved
 */
export async function foreignCache(
  dir: string,
  root: string,
  listing: StartedListing = startListing(root),
): Promise<string | undefined> {
  const places = [dir, realPathOf(dir)].flatMap((path) => pathBelow(root, path) ?? []);
  if (places.length === 0) return undefined;
  const { answer } = listing.root === root ? listing : startListing(root);
  const listed = await answer;
  if (listed === undefined || !listed.ok)
    return existsSync(join(root, '.git')) ? 'git cannot list which of its files are tracked' : undefined;
  const tracked = listed.files.tracked.find((path) =>
    places.some((place) => path === place || path.startsWith(`${place}/`) || place.startsWith(`${path}/`)),
  );
  return tracked === undefined ? undefined : `git tracks ${tracked}`;
}
