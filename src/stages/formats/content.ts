import { isUtf8 } from 'node:buffer';
import type { ContentTest } from '../contract/report.ts';

// What the bytes of a file are, as far as tools differ in reading them and do not say so.

/** Bytes of the beginning that tell an encoding without a mark. */
const HEAD = 64;

const UTF8_MARK = Buffer.from('\ufeff');

/** With or without its mark. */
export const inUtf16 = when(
  (content) => hasUtf16Mark(content) || isHalfZero(content),
  'its text is in UTF-16',
);

/** Only every second byte tells it. */
export const inUnmarkedUtf16 = when(
  (content) => !hasUtf16Mark(content) && isHalfZero(content),
  'its text is in UTF-16 without a byte order mark',
);

export const inUtf32 = when(hasUtf32Mark, 'its text is in UTF-32');

export const notInUtf8 = when((content) => !isUtf8(content), 'its text is not in UTF-8');

export const withMark = when(
  (content) => content.subarray(0, UTF8_MARK.length).equals(UTF8_MARK),
  'it begins with a byte order mark',
);

export const withNul = when((content) => content.includes(0), 'it holds a NUL byte');

export const withLoneReturns = when(
  (content) => content.includes('\r') && !content.includes('\n'),
  'its lines end with carriage returns alone',
);

/** Characters that YAML 1.2.2, section 5.1, does not allow, and line ends that only some of its parsers know. */
export const noYamlCharacters = when(
  (content) => NOT_YAML.test(content.toString('utf8')),
  'it holds a character that YAML does not allow',
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_YAML = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0085\u2028\u2029]/;

/** The first of several that holds. */
export function anyOf(...tests: readonly ContentTest[]): ContentTest {
  return (content) => {
    for (const test of tests) {
      const why = test(content);
      if (why !== undefined) return why;
    }
    return undefined;
  };
}

/** Whether there is nothing but white space and marks in it. */
export function isBlank(content: Uint8Array): boolean {
  return asBuffer(content).toString('utf8').trim() === '';
}

/** A test that gives a reason where the content is so. */
export function when(holds: (content: Buffer) => boolean, why: string): ContentTest {
  return (content) => (holds(asBuffer(content)) ? why : undefined);
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function hasUtf16Mark(content: Buffer): boolean {
  const mark = content.length < 2 ? 0 : content.readUInt16BE(0);
  return (mark === 0xfffe || mark === 0xfeff) && !hasUtf32Mark(content);
}

function hasUtf32Mark(content: Buffer): boolean {
  const mark = content.length < 4 ? 0 : content.readUInt32BE(0);
  return mark === 0xfffe0000 || mark === 0x0000feff;
}

/** Every second byte is zero and no other: Latin text in UTF-16. */
function isHalfZero(content: Buffer): boolean {
  const head = [...content.subarray(0, HEAD)];
  const zeros = [0, 1].map((rest) => head.filter((_, at) => at % 2 === rest).map((byte) => byte === 0));
  const [all, none] = [zeros.map((list) => list.every(Boolean)), zeros.map((list) => !list.some(Boolean))];
  return head.length >= 4 && ((all[0] === true && none[1] === true) || (all[1] === true && none[0] === true));
}
