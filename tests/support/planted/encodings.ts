/** One way to write a text down. */
export interface Encoding {
  readonly name: string;
  /** Whether the text is still in it. */
  readonly holdsText: boolean;
  write(text: string, comment: (words: string) => string): Buffer;
}

/** Encodings, line ends, control characters, sizes. What a format itself can get wrong stands with the kind of file. */
export const ENCODINGS: readonly Encoding[] = [
  of('utf-8', (text) => utf8(text)),
  of('utf-8-mark', (text) => utf8(`\ufeff${text}`)),
  of('utf-8-other-scripts', (text, comment) => utf8(`${comment('日本 é 😀')}\n${text}`)),
  of('utf-16le-mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')),
  of('utf-16be-mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()),
  of('utf-16le', (text) => Buffer.from(text, 'utf16le')),
  of('utf-16be', (text) => Buffer.from(text, 'utf16le').swap16()),
  of('utf-32le-mark', (text) => utf32(`\ufeff${text}`)),
  of('utf-32be-mark', (text) => utf32(`\ufeff${text}`).swap32()),
  of('latin-1', (text, comment) => Buffer.from(`${comment('caf\u00e9')}\n${text}`, 'latin1')),
  of('windows-1252', (text, comment) => Buffer.from(`${comment('\u0093quoted\u0094')}\n${text}`, 'latin1')),
  of('shift-jis', (text, comment) => bytesIn(text, comment, [0x93, 0xfa, 0x96, 0x7b])),
  of('gb18030', (text, comment) => bytesIn(text, comment, [0xc4, 0xe3, 0xba, 0xc3])),
  of('utf-8-overlong', (text, comment) => bytesIn(text, comment, [0xc0, 0xaf])),
  of('utf-8-surrogate', (text, comment) => bytesIn(text, comment, [0xed, 0xa0, 0x80])),
  of('nul-in-comment', (text, comment) => bytesIn(text, comment, [0])),
  of('nul-line', (text) => utf8(`\0\n${text}`)),
  of('nul-last', (text) => utf8(`${text}\0`)),
  of('nul-far-off', (text, comment) =>
    utf8(`${`${comment('x'.repeat(70))}\n`.repeat(200)}${comment('\0')}\n${text}`),
  ),
  of('ctrl-z', (text, comment) => bytesIn(text, comment, [0x1a])),
  of('form-feed', (text) => utf8(`\f\n${text}`)),
  of('crlf', (text) => utf8(text.replaceAll('\n', '\r\n'))),
  of('cr', (text) => utf8(text.replaceAll('\n', '\r'))),
  of('mixed-ends', (text, comment) => utf8(`${comment('a')}\r\n${comment('b')}\r\n${text}`)),
  of('no-last-end', (text) => utf8(text.trimEnd())),
  of('line-separator', (text, comment) => utf8(`${comment('a\u2028b')}\n${text}`)),
  of('long-line', (text, comment) => utf8(`${comment('x'.repeat(70_000))}\n${text}`)),
  of('many-lines', (text, comment) => utf8(`${`${comment('x')}\n`.repeat(3_000)}${text}`)),
  { name: 'empty', holdsText: false, write: () => Buffer.alloc(0) },
  { name: 'mark-alone', holdsText: false, write: () => utf8('\ufeff') },
  { name: 'white-space', holdsText: false, write: () => utf8(' \n\n') },
  {
    name: 'noise',
    holdsText: false,
    write: () => Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919 + (at >> 3)) % 256)),
  },
];

function of(name: string, write: Encoding['write']): Encoding {
  return { name, holdsText: true, write };
}

function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function utf32(text: string): Buffer {
  const points = [...text].map((char) => char.codePointAt(0) ?? 0);
  return Buffer.from(new Uint32Array(points).buffer);
}

/** A comment that holds these bytes, and the text behind it. */
function bytesIn(text: string, comment: (words: string) => string, bytes: readonly number[]): Buffer {
  const [before = '', after = ''] = comment('a HERE b').split('HERE');
  return Buffer.concat([utf8(before), Buffer.from(bytes), utf8(`${after}\n${text}`)]);
}
