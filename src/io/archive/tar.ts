import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ArchiveError, ArchiveSink, type UnpackLimits } from './sink.ts';

const BLOCK = 512;
const MAX_NAME = 64 * 1024;

/**
 * Unpacks a tar or tar.gz (POSIX.1-2001 ustar and pax, GNU long names, hard links to members before them) below a folder.
 * @throws ArchiveError on anything broken, cut off or unsafe.
 */
export async function unpackTar(file: string, root: string, limits?: UnpackLimits): Promise<void> {
  const gzip = await startsWithGzip(file);
  const source = createReadStream(file);
  const stream = gzip ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => stream.destroy(error));
  try {
    await unpackBlocks(new ByteReader(stream), new ArchiveSink(root, limits));
  } catch (error) {
    // zlib's own errors: a damaged or cut-off stream.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new ArchiveError(`not a whole gzip file: ${error.message}`);
    }
    throw error;
  } finally {
    source.destroy();
    stream.destroy();
  }
}

async function unpackBlocks(reader: ByteReader, sink: ArchiveSink): Promise<void> {
  let pax: Record<string, string> = {};
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = pax.size === undefined ? octal(header, 124, 12) : Number(pax.size);
    if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveError('a member has no valid size');
    if (type === 'x' || type === 'L' || type === 'K' || type === 'g') {
      if (size > MAX_NAME) throw new ArchiveError('a member has a name that is too long');
      const body = (await reader.take(size)).toString('utf8');
      await reader.take(padding(size));
      if (type === 'x') pax = { ...pax, ...paxRecords(body) };
      if (type === 'L') pax = { ...pax, path: text(body) };
      if (type === 'K') pax = { ...pax, linkpath: text(body) };
      continue;
    }
    const name = pax.path ?? ustarName(header);
    const target = pax.linkpath ?? field(header, 157, 100);
    pax = {};
    if (type === '0' || type === '\0') {
      const executable = (octal(header, 100, 8) & 0o111) !== 0;
      await sink.file(name, size, executable, reader.stream(size));
      await reader.take(padding(size));
    } else if (type === '5') await sink.folder(name);
    else if (type === '2') await sink.link(name, target);
    else if (type === '1') await sink.hardLink(name, target);
    else throw new ArchiveError(`${name} is neither file, folder nor link`);
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function text(raw: string): string {
  const end = raw.indexOf('\0');
  return end < 0 ? raw : raw.slice(0, end);
}

function field(header: Buffer, start: number, length: number): string {
  return text(header.toString('utf8', start, start + length));
}

function ustarName(header: Buffer): string {
  const prefix = field(header, 257, 5) === 'ustar' ? field(header, 345, 155) : '';
  const name = field(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function octal(header: Buffer, start: number, length: number): number {
  // GNU: sizes over 8 GiB are binary. Over every limit here.
  if ((header[start] ?? 0) & 0x80) throw new ArchiveError('a member is too large');
  const digits = field(header, start, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function checkSum(header: Buffer): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] ?? 0);
  if (sum !== octal(header, 148, 8)) throw new ArchiveError('a header has a wrong checksum');
}

function paxRecords(body: string): Record<string, string> {
  const records: Record<string, string> = {};
  for (const line of body.split('\n')) {
    const match = /^\d+ ([^=]+)=(.*)$/s.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) records[match[1]] = match[2];
  }
  return records;
}

async function startsWithGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 1 })) {
    return (chunk as Buffer)[0] === 0x1f && (chunk as Buffer)[1] === 0x8b;
  }
  return false;
}

/** Takes exact numbers of bytes out of a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(count)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async *stream(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw new ArchiveError('the archive is truncated');
        this.#held = next.value;
      }
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
