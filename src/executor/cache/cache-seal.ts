import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import { temporaryName } from '../../io/atomic-write.ts';
import { ensureFolder } from '../../io/ensure-folder.ts';
import { liesIn } from '../../io/paths.ts';
import { userFolder, writableByOthers } from '../../io/user-folder.ts';

/** Seals what secplan itself put into its cache: whoever plants an entry has no key. */
export interface CacheSeal {
  /** HMAC-SHA-256 of a text, 64 lower-case hex digits. */
  of(text: string): string;
}

const KEY = /^[0-9a-f]{64}\n$/;

/** A seal by this key. */
export function cacheSeal(key: string): CacheSeal {
  return { of: (text) => createHmac('sha256', key).update(text).digest('hex') };
}

/**
 * The user's seal, its key made once in `$XDG_STATE_HOME/secplan`, else `~/.local/state/secplan`. Where that folder lies in the
 * scanned workspace, is open to others or cannot be written, the seal holds for this process alone, and nothing that an earlier run
 * left is used: SP5087.
 */
export function openCacheSeal(
  env: Readonly<Record<string, string | undefined>>,
  workspace: string,
): Outcome<CacheSeal> {
  const folder = userFolder('state', env);
  const file = join(folder, 'cache-seal.key');
  const passing = (why: string): Outcome<CacheSeal> =>
    success(cacheSeal(randomBytes(32).toString('hex')), [
      diagnostic('SP5087', `${file}: ${why}`, {
        help: 'Set XDG_STATE_HOME to a folder of your own outside the workspace.',
      }),
    ]);
  try {
    if (liesIn(folder, workspace)) return passing('it lies in the workspace');
    ensureFolder(folder, 0o700);
    const why = writableByOthers(folder) ?? writableByOthers(file);
    if (why !== undefined) return passing(why);
    const key = readKey(file) ?? makeKey(file);
    return KEY.test(key) ? success(cacheSeal(key)) : passing('it holds no key; remove it');
  } catch (error) {
    return passing((error as Error).message);
  }
}

function readKey(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return stat.isFile() && stat.size < 1000 ? readFileSync(file, 'utf8') : '';
}

/** Whole or not at all; of two processes that make one, both use the first. */
function makeKey(file: string): string {
  const temporary = temporaryName(file);
  writeFileSync(temporary, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(file, 'utf8');
}
