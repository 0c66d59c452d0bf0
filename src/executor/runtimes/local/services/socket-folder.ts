import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for sockets, made when it is first asked for. */
export interface SocketFolder {
  path(service: string, port: number): string;
  remove(): void;
}

/** The kernel takes no more of a socket's path. */
const LONGEST = 100;

/** Below `tempDir`, or where that is too deep for a socket's path, in the system's own. */
export function socketFolder(tempDir: string): SocketFolder {
  let folder: string | undefined;
  const numbers = new Map<string, number>();
  return {
    path(service, port) {
      folder ??= mkdtempSync(join(tempDir.length < LONGEST - 24 ? tempDir : tmpdir(), 'stack-'));
      const name = `${service}:${port}`;
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return join(folder, `${number}.sock`);
    },
    remove() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
