/** Just enough of DER (X.690) to make certificates for tests. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size =
    length < 128
      ? [length]
      : [
          ...length
            .toString(16)
            .padStart(length > 255 ? 4 : 2, '0')
            .matchAll(/../g),
        ].map(([hex]) => Number.parseInt(hex, 16));
  return Buffer.concat([
    Buffer.from(length < 128 ? [tag, length] : [tag, 0x80 | size.length, ...size]),
    body,
  ]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);
export const yes = (): Buffer => der(0x01, Buffer.from([0xff]));
export const text = (value: string): Buffer => der(0x0c, Buffer.from(value, 'utf8'));

/** Of a positive number. */
export function integer(bytes: Uint8Array): Buffer {
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.from([0, ...bytes]) : bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const out = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) out.unshift((left & 0x7f) | 0x80);
    return out;
  };
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** UTCTime, of years up to 2049. */
export function time(ms: number): Buffer {
  const digits = new Date(ms)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2);
  return der(0x17, Buffer.from(digits, 'ascii'));
}
