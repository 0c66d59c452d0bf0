import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ArchiveError, ArchiveSink, type UnpackLimits } from './sink.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
/** Header of the extra field that holds what 32 bits cannot. */
const EXTRA64 = 0x0001;
const FULL32 = 0xffffffff;
const FULL16 = 0xffff;
const MAX_DIRECTORY = 64 * 2 ** 20;

interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
  /** Unix mode, 0 where the archive was not made on Unix. */
  readonly mode: number;
  readonly encrypted: boolean;
}

/**
 * Unpacks a zip (PKWARE APPNOTE 6.3: stored and deflated members, zip64, no encryption) below a folder. The central
 * directory decides what is in it.
 * @throws ArchiveError on anything broken, cut off or unsafe.
 */
export async function unpackZip(file: string, root: string, limits?: UnpackLimits): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const sink = new ArchiveSink(root, limits);
    for (const member of await readDirectory(handle)) await unpackMember(handle, member, sink);
  } finally {
    await handle.close();
  }
}

async function readDirectory(handle: FileHandle): Promise<readonly Member[]> {
  const { size } = await handle.stat();
  const tail = await read(handle, Math.max(0, size - 65_557), Math.min(size, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new ArchiveError('not a zip file, or truncated');
  const { count, length, start } = await directoryPlace(handle, tail, end);
  if (length > MAX_DIRECTORY || start + length > size) throw new ArchiveError('the directory is broken');
  const directory = await read(handle, start, length);
  const members: Member[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || directory.readUInt32LE(at) !== CENTRAL) {
      throw new ArchiveError('the directory is broken');
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const made = directory.readUInt16LE(at + 4) >> 8;
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    members.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      encrypted: (directory.readUInt16LE(at + 8) & 1) !== 0,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      ...sizesOf(
        {
          size: directory.readUInt32LE(at + 24),
          packed: directory.readUInt32LE(at + 20),
          offset: directory.readUInt32LE(at + 42),
        },
        extra,
      ),
      mode: made === 3 ? directory.readUInt32LE(at + 38) >>> 16 : 0,
    });
    at += 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
  }
  return members;
}

/** Where the central directory lies: the end record says, or for large archives the zip64 end record (APPNOTE 4.3.14). */
async function directoryPlace(
  handle: FileHandle,
  tail: Buffer,
  end: number,
): Promise<{ count: number; length: number; start: number }> {
  const count = tail.readUInt16LE(end + 10);
  const length = tail.readUInt32LE(end + 12);
  const start = tail.readUInt32LE(end + 16);
  if (count !== FULL16 && length !== FULL32 && start !== FULL32) return { count, length, start };
  const locator = end - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR64) return { count, length, start };
  const record = await read(handle, large(tail, locator + 8), 56);
  if (record.readUInt32LE(0) !== END64) throw new ArchiveError('the directory is broken');
  return { count: large(record, 32), length: large(record, 40), start: large(record, 48) };
}

type Sizes = Pick<Member, 'size' | 'packed' | 'offset'>;

/** Sizes and offset of a member: those that 32 bits cannot hold stand in its zip64 extra field, in this order (APPNOTE 4.5.3). */
function sizesOf(short: Sizes, extra: Buffer): Sizes {
  if (Object.values(short).every((value) => value !== FULL32)) return short;
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === EXTRA64) return longSizes(short, extra.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return short;
}

function longSizes(short: Sizes, field: Buffer): Sizes {
  let at = 0;
  const long = (value: number): number => {
    if (value !== FULL32) return value;
    if (at + 8 > field.length) throw new ArchiveError('the directory is broken');
    at += 8;
    return large(field, at - 8);
  };
  const size = long(short.size);
  const packed = long(short.packed);
  return { size, packed, offset: long(short.offset) };
}

function large(buffer: Buffer, at: number): number {
  const value = Number(buffer.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new ArchiveError('a member has no valid size');
  return value;
}

async function unpackMember(handle: FileHandle, member: Member, sink: ArchiveSink): Promise<void> {
  if (member.name.endsWith('/')) return sink.folder(member.name);
  const type = member.mode & 0o170000;
  if (member.encrypted || (member.method !== 0 && member.method !== 8)) {
    throw new ArchiveError(`${member.name} uses an unsupported compression method`);
  }
  if (type !== 0 && type !== 0o100000) throw new ArchiveError(`${member.name} is not a plain file`);
  const local = await read(handle, member.offset, 30);
  if (local.readUInt32LE(0) !== LOCAL)
    throw new ArchiveError(`${member.name} is not where the directory says`);
  const start = member.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  const content = () => contentOf(handle, member, start);
  await sink.file(member.name, member.size, (member.mode & 0o111) !== 0, content());
}

async function* contentOf(handle: FileHandle, member: Member, start: number): AsyncGenerator<Buffer> {
  let sum = 0;
  const packed = chunksOf(handle, start, member.packed);
  try {
    const chunks = member.method === 0 ? packed : pipeline(packed, createInflateRaw(), () => undefined);
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(`${member.name} is damaged: ${(error as Error).message}`);
  }
  if (sum !== member.crc) throw new ArchiveError(`${member.name} has a wrong checksum`);
}

async function* chunksOf(handle: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; ) {
    const chunk = await read(handle, start + at, Math.min(65_536, length - at));
    at += chunk.length;
    yield chunk;
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new ArchiveError('the archive is truncated');
  return buffer;
}
