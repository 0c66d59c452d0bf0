/** Bytes in a page of wasm memory. */
const PAGE = 65536;
const MEMORY_SECTION = 5;
/** A maximum is always written in five bytes, so that it can be changed in place. */
const MAXIMUM_BYTES = 5;

/**
 * A copy of a wasm binary whose memory has a maximum: Go's linker sets none, and the engine's own is 4 GB.
 * @param {Uint8Array} binary
 * @param {number} maxBytes as for setMemoryLimit
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function addMemoryLimit(binary, maxBytes) {
  const section = memorySection(binary);
  if (section.flags !== 0) throw new Error('a plain memory without a maximum was expected');
  const minimum = binary.subarray(section.minimumAt, section.end);
  const body = [1, 1, ...minimum, 0x80, 0x80, 0x80, 0x80, 0];
  const out = new Uint8Array(binary.length - (section.end - section.start) + 2 + body.length);
  out.set(binary.subarray(0, section.start));
  out.set([MEMORY_SECTION, body.length, ...body], section.start);
  out.set(binary.subarray(section.end), section.start + 2 + body.length);
  setMemoryLimit(out, maxBytes);
  return out;
}

/**
 * Sets the most that the memory of a wasm binary made by addMemoryLimit can grow to, in place.
 * Throws RangeError if the program needs more than that to start.
 * @param {Uint8Array} binary
 * @param {number} maxBytes rounded down to whole pages; 4 GB at most
 */
export function setMemoryLimit(binary, maxBytes) {
  const { flags, minimum, end } = memorySection(binary);
  if (flags !== 1) throw new Error('a memory with a maximum was expected');
  let pages = Math.min(Math.floor(maxBytes / PAGE), 65536);
  if (!(pages >= minimum)) throw new RangeError(`at least ${minimum * PAGE} bytes of memory are needed`);
  for (let i = MAXIMUM_BYTES; i > 0; i--) {
    binary[end - i] = (pages & 0x7f) | (i > 1 ? 0x80 : 0);
    pages >>>= 7;
  }
}

/** @param {Uint8Array} binary */
function memorySection(binary) {
  let start = 8; // After the magic number and the version.
  while (start < binary.length) {
    const [size, body] = readNumber(binary, start + 1);
    const end = body + size;
    if (binary[start] === MEMORY_SECTION) {
      const [count, flagsAt] = readNumber(binary, body);
      if (count !== 1) throw new Error('one memory was expected');
      const [minimum] = readNumber(binary, flagsAt + 1);
      return { start, end, flags: binary[flagsAt], minimum, minimumAt: flagsAt + 1 };
    }
    start = end;
  }
  throw new Error('no memory section');
}

/** @param {Uint8Array} from @param {number} at @returns {[value: number, next: number]} LEB128 */
function readNumber(from, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = from[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}
