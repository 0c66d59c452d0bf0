import { timingSafeEqual } from 'node:crypto';

// XSalsa20-Poly1305 after Bernstein's papers (cr.yp.to/snuffle, cr.yp.to/mac). Node's own crypto has neither, and a
// key is some 150 bytes: plain code does. Only opening is needed.

const SIGMA = Buffer.from('expand 32-byte k', 'ascii');

/** Opens a NaCl secretbox (16 bytes of tag before the text); undefined when key or box are wrong. */
export function openSecretbox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined {
  if (key.length !== 32 || nonce.length !== 24 || box.length < 16) return undefined;
  const subkey = hsalsa20(key, nonce.subarray(0, 16));
  const text = box.subarray(16);
  const stream = salsa20(subkey, nonce.subarray(16), 32 + text.length);
  const tag = poly1305(text, stream.subarray(0, 32));
  if (!timingSafeEqual(tag, box.subarray(0, 16))) return undefined;
  return Buffer.from(text.map((byte, index) => byte ^ (stream[32 + index] ?? 0)));
}

function block(key: Uint8Array, input: Uint8Array): Uint32Array {
  const view = (bytes: Uint8Array, word: number): number => Buffer.from(bytes).readUInt32LE(word * 4);
  const state = new Uint32Array(16);
  for (let word = 0; word < 4; word++) {
    state[word * 5] = view(SIGMA, word);
    state[1 + word] = view(key, word);
    state[11 + word] = view(key, 4 + word);
    state[6 + word] = view(input, word);
  }
  return state;
}

function rounds(start: Uint32Array): Uint32Array {
  const x = Uint32Array.from(start);
  const turn = (to: number, a: number, b: number, bits: number): void => {
    const sum = ((x[a] ?? 0) + (x[b] ?? 0)) | 0;
    x[to] = (x[to] ?? 0) ^ ((sum << bits) | (sum >>> (32 - bits)));
  };
  const quarter = (a: number, b: number, c: number, d: number): void => {
    turn(b, a, d, 7);
    turn(c, b, a, 9);
    turn(d, c, b, 13);
    turn(a, d, c, 18);
  };
  for (let double = 0; double < 10; double++) {
    quarter(0, 4, 8, 12);
    quarter(5, 9, 13, 1);
    quarter(10, 14, 2, 6);
    quarter(15, 3, 7, 11);
    quarter(0, 1, 2, 3);
    quarter(5, 6, 7, 4);
    quarter(10, 11, 8, 9);
    quarter(15, 12, 13, 14);
  }
  return x;
}

function hsalsa20(key: Uint8Array, input: Uint8Array): Buffer {
  const x = rounds(block(key, input));
  const out = Buffer.alloc(32);
  [0, 5, 10, 15, 6, 7, 8, 9].forEach((word, index) => {
    out.writeUInt32LE(x[word] ?? 0, index * 4);
  });
  return out;
}

function salsa20(key: Uint8Array, nonce: Uint8Array, length: number): Buffer {
  const out = Buffer.alloc(Math.ceil(length / 64) * 64);
  for (let counter = 0; counter * 64 < length; counter++) {
    const input = Buffer.alloc(16);
    input.set(nonce);
    input.writeUInt32LE(counter, 8);
    const start = block(key, input);
    const end = rounds(start);
    for (let word = 0; word < 16; word++)
      out.writeUInt32LE(((end[word] ?? 0) + (start[word] ?? 0)) >>> 0, counter * 64 + word * 4);
  }
  return out.subarray(0, length);
}

const PRIME = (1n << 130n) - 5n;

function poly1305(message: Uint8Array, key: Uint8Array): Buffer {
  const number = (bytes: Uint8Array): bigint =>
    [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const part = message.subarray(at, at + 16);
    sum = ((sum + number(part) + (1n << BigInt(8 * part.length))) * r) % PRIME;
  }
  const tag = (sum + number(key.subarray(16, 32))) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}
