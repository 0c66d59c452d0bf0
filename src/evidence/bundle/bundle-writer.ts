import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { access, chmod, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { byCodeUnit } from '../../core/canonical.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { ArtifactEntry } from './summary.ts';

type Content = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Bytes redacted, hashed and written between two turns of the event loop, so that signals are obeyed. */
const TURN_BYTES = 2 ** 18;

const CHECKSUMS = 'checksums.txt';

/**
 * Writes a bundle into a hidden folder beside its final place and renames it when it is whole.
 * A reader never sees half a bundle; a run that dies leaves only the hidden folder.
 */
export class BundleWriter {
  private readonly entries = new Map<string, ArtifactEntry>();
  private readonly exportDir: string;
  private readonly redactor: PublishRedactor;
  /** `<exportDir>/.<id>.partial`, also the journal's folder. */
  readonly partialDir: string;
  private readonly contentDir: string;
  private readonly folders = new Set<string>();

  private constructor(exportDir: string, partialDir: string, redactor: PublishRedactor) {
    this.redactor = redactor;
    this.exportDir = exportDir;
    this.partialDir = partialDir;
    this.contentDir = join(partialDir, 'bundle');
  }

  /** Starts afresh in a partial folder that the journal has made or will make. Throws the file system's errors. */
  static async open(exportDir: string, partialDir: string, redactor: PublishRedactor): Promise<BundleWriter> {
    const writer = new BundleWriter(exportDir, partialDir, redactor);
    await rm(writer.contentDir, { recursive: true, force: true });
    await mkdir(writer.contentDir, { recursive: true });
    return writer;
  }

  /** Writes one file, without the values of secrets; text is UTF-8. A path is given at most once. */
  async write(path: string, mediaType: string, content: Content): Promise<ArtifactEntry> {
    const safe = bundlePath(path);
    if (safe === CHECKSUMS || this.entries.has(safe)) throw new Error(`the bundle already has a ${safe}`);
    const file = join(this.contentDir, safe);
    this.makeFolder(dirname(file));
    const hash = createHash('sha256');
    const clean = this.redactor.stream();
    let bytes = 0;
    // Synchronous: a bundle is mostly small files, and each trip to the thread pool costs more than the write.
    const sink = openSync(file, 'w', 0o644);
    const put = (chunk: Uint8Array): void => {
      if (chunk.length === 0) return;
      hash.update(chunk);
      writeFileSync(sink, chunk);
      bytes += chunk.length;
    };
    try {
      const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
      let sinceTurn = 0;
      for await (const piece of pieces) {
        const whole = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
        for (let at = 0; at < whole.length; at += TURN_BYTES) {
          const part = whole.subarray(at, at + TURN_BYTES);
          put(clean.push(part));
          sinceTurn += part.length;
          if (sinceTurn < TURN_BYTES) continue;
          sinceTurn = 0;
          await nextTurn();
        }
      }
      put(clean.flush());
    } finally {
      closeSync(sink);
    }
    const entry: ArtifactEntry = { path: safe, mediaType, sha256: hash.digest('hex'), bytes };
    this.entries.set(safe, entry);
    return entry;
  }

  private makeFolder(folder: string): void {
    if (this.folders.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.folders.add(folder);
  }

  async json(path: string, value: unknown): Promise<ArtifactEntry> {
    return this.write(path, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
  }

  /** What was written so far, sorted by path. */
  artifacts(): readonly ArtifactEntry[] {
    return [...this.entries.values()].sort((a, b) => byCodeUnit(a.path, b.path));
  }

  /**
   * Writes checksums.txt, makes the folder `<exportDir>/<id>` (`-2`, `-3` … on collision) and points `latest` at it.
   * Returns the id that it got.
   */
  async seal(id: string): Promise<string> {
    const lines = this.artifacts().map((entry) => `${entry.sha256}  ${entry.path}\n`);
    await writeFile(join(this.contentDir, CHECKSUMS), lines.join(''));
    await chmod(this.contentDir, 0o755);
    const final = await this.claim(id);
    await pointLatest(this.exportDir, final);
    await rm(this.partialDir, { recursive: true, force: true });
    return final;
  }

  async discard(): Promise<void> {
    await rm(this.contentDir, { recursive: true, force: true });
  }

  /** A folder that is there is never replaced: rename onto a non-empty folder fails, and the next number is tried. */
  private async claim(id: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const name = attempt === 1 ? id : `${id}-${attempt}`;
      const target = join(this.exportDir, name);
      if (await exists(target)) continue;
      try {
        await rename(this.contentDir, target);
        return name;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      }
    }
  }
}

/** Paths of a bundle are relative and normal, and stand on a line of checksums.txt as they are; a target's name cannot climb out. */
export function bundlePath(path: string): string {
  if (
    posix.normalize(path) !== path ||
    path.startsWith('/') ||
    path.startsWith('../') ||
    path === '..' ||
    path === '.' ||
    path.endsWith('/') ||
    /[\p{Cc}\\]/u.test(path)
  ) {
    throw new Error(`not a path in a bundle: ${JSON.stringify(path)}`);
  }
  return path;
}

/** Swaps the link atomically: a reader sees the old bundle or the new one. */
async function pointLatest(exportDir: string, name: string): Promise<void> {
  const link = join(exportDir, 'latest');
  const temporary = join(exportDir, `.latest-${randomBytes(6).toString('hex')}`);
  await symlink(name, temporary);
  try {
    await rename(temporary, link);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await readlink(link);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
