import { accessSync, constants, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { sha256Hex } from '../../core/canonical.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { ensureFolder } from '../../io/ensure-folder.ts';
import { realPathOf } from '../../io/paths.ts';
import { writableByOthers } from '../../io/user-folder.ts';
import type { ActionCache, BlobStore } from '../ports.ts';
import { openActionCache } from './action-cache.ts';
import { openBlobStore } from './blob-store.ts';
import type { CacheSeal } from './cache-seal.ts';
import { type Durations, openDurations } from './durations.ts';
import { openParsedCache, type ParsedCache } from './parsed-cache.ts';

/** Everything one run keeps between runs. */
export interface Caches {
  readonly dir: string;
  /** What tells this workspace from others in the cache; no path can be read from it. */
  readonly workspace: string;
  readonly blobs: BlobStore;
  readonly actions: ActionCache;
  readonly parsed: ParsedCache;
  readonly durations: Durations;
  /** For `takeInventory`. */
  readonly indexFile: string;
}

/** Where the cache lies: `$SECPLAN_CACHE_DIR`, else `$XDG_CACHE_HOME/secplan`, else `~/.cache/secplan`. */
export function cacheDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.SECPLAN_CACHE_DIR) return resolve(env.SECPLAN_CACHE_DIR);
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification: a relative path is to be ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'secplan');
}

/** Opens, and where needed creates, the cache. Fails with SP5007 when it cannot be written, SP5086 when others could write to it, SP5002 when disk is full. */
export async function openCaches(dir: string, root: string, seal: CacheSeal): Promise<Outcome<Caches>> {
  try {
    ensureFolder(dir, 0o700);
    const open = writableByOthers(realPathOf(dir));
    if (open !== undefined)
      return failed([
        diagnostic('SP5086', `the cache folder ${dir} is not used: ${open}`, {
          help: 'Choose a folder of your own with SECPLAN_CACHE_DIR, or correct its owner and mode.',
        }),
      ]);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failed([diagnostic(code === 'ENOSPC' || code === 'EDQUOT' ? 'SP5002' : 'SP5007', message)]);
  }
  const workspace = workspaceName(root);
  return success({
    dir,
    workspace,
    blobs: openBlobStore(join(dir, 'blobs')),
    actions: openActionCache(dir, workspace, seal),
    parsed: openParsedCache(dir, seal),
    durations: await openDurations(dir, seal),
    indexFile: join(dir, 'stat-index', `${workspace}.bin`),
  });
}

/** A short name for a workspace, made from its real path. */
export function workspaceName(root: string): string {
  let real = resolve(root);
  try {
    real = realpathSync(real);
  } catch {
    // Not there: the name is still a name.
  }
  return sha256Hex(real).slice(0, 32);
}
