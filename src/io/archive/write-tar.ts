import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BLOCK = 512;
const NAME_BYTES = 100;

/** One file of an archive: from disk, from memory, or by whoever knows how to read it. */
export interface TarMember {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly content:
    | { readonly path: string }
    | { readonly text: string }
    | { readonly bytes: number; read(): Promise<Uint8Array> };
}

/** Writes a tar of plain files (POSIX.1-2001; long names as pax records), the same bytes for the same content. @throws the file system's errors */
export async function writeTar(file: string, members: readonly TarMember[]): Promise<void> {
  await pipeline(Readable.from(tarBlocks(members)), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
}

/** The same in pieces. @throws the file system's errors, and what `read` throws */
export async function* tarBlocks(members: readonly TarMember[]): AsyncGenerator<Uint8Array> {
  for (const { name, content } of members) {
    if (Buffer.byteLength(name) > NAME_BYTES) {
      const record = paxRecord('path', name);
      yield* [header('pax', record.length, 'x'), record, padding(record.length)];
    }
    const size = await sizeOf(content);
    yield header(name, size, '0');
    if ('path' in content) yield* bytesOf(content.path, size);
    else if ('text' in content) yield Buffer.from(content.text);
    else yield await content.read();
    yield padding(size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function sizeOf(content: TarMember['content']): Promise<number> {
  if ('path' in content) return (await stat(content.path)).size;
  return 'text' in content ? Buffer.byteLength(content.text) : content.bytes;
}

/** A file that grows or shrinks meanwhile would shift everything behind it. */
async function* bytesOf(path: string, size: number): AsyncGenerator<Buffer> {
  let written = 0;
  for await (const chunk of createReadStream(path)) {
    written += (chunk as Buffer).length;
    yield chunk as Buffer;
  }
  if (written !== size) throw new Error(`${path} changed while it was read`);
}

function header(name: string, size: number, type: 'x' | '0'): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(Buffer.from(name).subarray(0, NAME_BYTES).toString('latin1'), 0, 'latin1');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
