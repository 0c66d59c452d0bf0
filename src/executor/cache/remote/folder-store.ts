import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RemoteStore } from './remote-store.ts';

/** Not there, or a link. */
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ELOOP']);
/** File systems without hard links. */
const UNLINKABLE: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EMLINK']);

/** A folder that machines share, for example over NFS. It must be there; links in it are not followed. */
export function folderStore(dir: string): RemoteStore {
  // One that is not mounted must not be made anew on this machine's own disk.
  const mounted = async (): Promise<void> => {
    const facts = await stat(dir).catch(() => undefined);
    if (!facts?.isDirectory()) throw new Error(`${dir} is not a folder`);
  };
  return {
    async get(name, maxBytes) {
      await mounted();
      try {
        const file = await open(
          join(dir, name),
          constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
        );
        try {
          const facts = await file.stat();
          if (!facts.isFile()) return undefined;
          return facts.size <= maxBytes ? await file.readFile() : 'too-large';
        } finally {
          await file.close();
        }
      } catch (error) {
        if (ABSENT.has((error as NodeJS.ErrnoException).code)) return undefined;
        throw error;
      }
    },
    async putIfAbsent(name, bytes) {
      await mounted();
      const target = join(dir, name);
      await mkdir(dirname(target), { recursive: true });
      const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await writeFile(temporary, bytes, { flag: 'wx' });
        // Unlike a rename, a link fails where the name is taken: whoever comes first stays.
        await link(temporary, target);
        return 'stored';
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') return 'there';
        if (!UNLINKABLE.has(code)) throw error;
        await rename(temporary, target);
        return 'stored';
      } finally {
        await rm(temporary, { force: true });
      }
    },
    close() {
      // Nothing is held open.
    },
  };
}
