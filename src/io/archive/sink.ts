import { createWriteStream } from 'node:fs';
import { chmod, link, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What unpacking may use up. */
export interface UnpackLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export const UNPACK_LIMITS: UnpackLimits = { maxBytes: 2 * 2 ** 30, maxEntries: 200_000 };

/** An archive that is broken, too large, or tries to write outside its folder. */
export class ArchiveError extends Error {}

/**
 * Writes members of an archive below one folder. Names that are absolute or climb, links that lead outside, and members
 * that would be written through a link are refused; devices and set-id bits never arrive.
 */
export class ArchiveSink {
  readonly #root: string;
  readonly #limits: UnpackLimits;
  readonly #links = new Set<string>();
  readonly #files = new Set<string>();
  #bytes = 0;
  #entries = 0;

  constructor(root: string, limits: UnpackLimits = UNPACK_LIMITS) {
    this.#root = root;
    this.#limits = limits;
  }

  async file(name: string, size: number, executable: boolean, content: AsyncIterable<Buffer>): Promise<void> {
    const path = await this.#place(name);
    if (this.#bytes + size > this.#limits.maxBytes) {
      throw new ArchiveError(`unpacks to more than ${this.#limits.maxBytes} bytes`);
    }
    let written = 0;
    const counted = async function* () {
      for await (const chunk of content) {
        written += chunk.length;
        if (written > size) throw new ArchiveError(`${name} is larger than it says`);
        yield chunk;
      }
    };
    // Real archives hold a name twice: the later member counts, as tar and zip programs have it. It never goes through
    // something that is there already.
    await rm(path, { force: true });
    await pipeline(Readable.from(counted()), createWriteStream(path, { flags: 'wx' }));
    if (written !== size) throw new ArchiveError(`${name} is truncated`);
    this.#bytes += written;
    this.#files.add(memberPath(name));
    await chmod(path, executable ? 0o755 : 0o644);
  }

  async folder(name: string): Promise<void> {
    const path = await this.#place(name);
    await mkdir(path, { recursive: true });
  }

  /** A symbolic link, if it stays inside. `target` is as the archive has it. */
  async link(name: string, target: string): Promise<void> {
    const inside = memberPath(name);
    const end = posix.normalize(posix.join(posix.dirname(inside), target));
    if (
      target === '' ||
      target.includes('\0') ||
      posix.isAbsolute(target) ||
      end === '..' ||
      end.startsWith('../')
    ) {
      throw new ArchiveError(`${name} links outside, to ${target}`);
    }
    const path = await this.#place(name);
    await symlink(target, path);
    this.#links.add(inside);
  }

  /** A second name of a file that the archive had before. */
  async hardLink(name: string, target: string): Promise<void> {
    const from = memberPath(target);
    if (!this.#files.has(from))
      throw new ArchiveError(`${name} links to ${target}, which no member before it is`);
    const path = await this.#place(name);
    if (memberPath(name) === from) return;
    await rm(path, { force: true });
    await link(join(this.#root, from), path);
    this.#files.add(memberPath(name));
  }

  async #place(name: string): Promise<string> {
    if (++this.#entries > this.#limits.maxEntries) {
      throw new ArchiveError(`holds more than ${this.#limits.maxEntries} members`);
    }
    const inside = memberPath(name);
    for (let parent = inside; parent !== '.'; parent = posix.dirname(parent)) {
      if (this.#links.has(parent)) throw new ArchiveError(`${name} would be written through a link`);
    }
    const path = join(this.#root, inside);
    await mkdir(dirname(path), { recursive: true });
    return path;
  }
}

/** A member's name as a safe relative path. Throws on absolute names and those that climb. */
export function memberPath(name: string): string {
  const path = posix.normalize(name).replace(/\/$/, '');
  if (name.includes('\0') || name.includes('\\') || posix.isAbsolute(name) || /^[A-Za-z]:/.test(name)) {
    throw new ArchiveError(`${JSON.stringify(name)} is not a relative path`);
  }
  if (path === '..' || path.startsWith('../'))
    throw new ArchiveError(`${JSON.stringify(name)} leaves the folder`);
  return path;
}
