import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RemoteStore } from './remote-store.ts';

/** A folder that machines share, for example over NFS. Links in it are not followed. */
export function folderStore(dir: string): RemoteStore {
  return {
    async get(name, maxBytes) {
      try {
        const file = await open(
          join(dir, name),
          constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
        );
        try {
          const facts = await file.stat();
          return facts.isFile() && facts.size <= maxBytes ? await file.readFile() : undefined;
        } finally {
          await file.close();
        }
      } catch {
        return undefined;
      }
    },
    async putIfAbsent(name, bytes) {
      const target = join(dir, name);
      await mkdir(dirname(target), { recursive: true });
      const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await writeFile(temporary, bytes, { flag: 'wx' });
        // Unlike a rename, a link fails where the name is taken: whoever comes first stays.
        await link(temporary, target);
        return 'stored';
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'there';
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
    },
  };
}
