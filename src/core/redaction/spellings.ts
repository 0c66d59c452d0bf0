/** A way in which honest tools write a value. Rules and tests of redaction are both made from the table below. */
export interface Spelling {
  readonly name: string;
  /** The value as written; more than one where it depends on what surrounds the value. */
  spell(value: string): readonly Buffer[];
  /**
   * How the value is found again: an escape is undone when a text is read; of an encoding each value has its own pattern;
   * a layout of encoded text, with neighbours of the value, is undone when the text is read.
   */
  readonly kind: 'escape' | 'encoding' | 'layout';
}

/** Cores of base64 that are shorter would be found by chance in ordinary base64. */
const MIN_CORE = 6;

/** Every way: docs/decisions/0069-redaction-by-meaning.md. */
export const SPELLINGS: readonly Spelling[] = [
  escaped('JSON', json),
  escaped('JSON with escaped slashes', (text) => json(text).replaceAll('/', '\\/')),
  escaped('JSON in ASCII', (text) => units(json(text), /[^\x20-\x7e]/g)),
  escaped('JSON of Go', (text) => units(json(text), /[<>&\u2028\u2029]/g)),
  escaped('JSON of Gson', (text) => units(json(text), /[<>&='\u2028\u2029]/g)),
  escaped('JSON of .NET', (text) => dotNet(text)),
  escaped('JSON, each character', (text) => units(text, /[\s\S]/g)),
  escaped('JSON in JSON', (text) => json(json(text))),
  escaped('JSON of Go in JSON', (text) => json(units(json(text), /[<>&]/g))),
  escaped('XML', (text) => entities(text, /[&<>]/g)),
  escaped('XML attribute', (text) => entities(text, /[&<>"']/g)),
  escaped('entities, decimal', (text) => text.replace(/[^A-Za-z0-9]/gu, (one) => `&#${pointOf(one)};`)),
  escaped('entities, hexadecimal', (text) =>
    text.replace(/[^A-Za-z0-9]/gu, (one) => `&#x${pointOf(one).toString(16)};`),
  ),
  escaped('XML in XML', (text) => entities(entities(text, /[&<>"']/g), /&/g)),
  escaped('JSON of Go in XML', (text) => units(entities(text, /[&<>"']/g), /[&]/g)),
  escaped('percent', (text) => percent(text, /[A-Za-z0-9._~-]/)),
  escaped('percent of JavaScript', (text) => percent(text, /[A-Za-z0-9._~!'()*-]/)),
  escaped('percent in small letters', (text) => small(percent(text, /[A-Za-z0-9._~-]/))),
  escaped('percent with slashes kept', (text) => percent(text, /[A-Za-z0-9._~/-]/)),
  escaped('percent, each byte', (text) => percent(text, /(?!)/)),
  escaped('percent in percent', (text) => percent(percent(text, /[A-Za-z0-9._~-]/), /[A-Za-z0-9._~-]/)),
  escaped('form', (text) => percent(text, /[A-Za-z0-9._* -]/).replaceAll(' ', '+')),
  escaped('CSV', (text) => text.replaceAll('"', '""')),
  escaped('CSV of JSON', (text) => json(text).replaceAll('"', '""')),
  escaped('doubled apostrophes', (text) => text.replaceAll("'", "''")),
  escaped('backslashes', (text) => text.replace(/[^A-Za-z0-9\n\u0080-\uffff]/g, '\\$&')),
  escaped('shell', (text) => text.replaceAll("'", "'\\''")),
  escaped('shell of Python', (text) => text.replaceAll("'", `'"'"'`)),
  escaped('bytes by \\x', (text) => hex(utf8(text)).replace(/../g, '\\x$&')),
  escaped('bytes by octal digits', (text) =>
    [...utf8(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  ),
  escaped('characters by \\x', (text) =>
    text.replace(/[\u0080-\u00ff]/g, (one) => `\\x${pointOf(one).toString(16)}`),
  ),
  escaped('terminal colours', (text) => colored(text, '\x1b')),
  escaped('terminal colours in JSON', (text) => colored(json(text), '\\u001b')),
  escaped('Windows line ends', (text) => text.replace(/\r?\n/g, '\r\n')),
  {
    name: 'UTF-16',
    kind: 'escape',
    spell: (text) => [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()],
  },
  // A text may end in a backslash or a percent sign where the value begins.
  escaped('after a backslash', (text) => `\\${text}`),
  escaped('after a percent sign', (text) => `%${text}`),
  encoded('reversed', (text) => [[...text].reverse().join('')]),
  encoded('hexadecimal', (text) => bothCases(hex(utf8(text)))),
  encoded('hexadecimal of UTF-16', (text) => wide(text).flatMap((bytes) => bothCases(hex(bytes)))),
  encoded('base64', (text) => base64(utf8(text))),
  encoded('base64 of UTF-16', (text) => wide(text).flatMap(base64)),
  laidOut('hexadecimal with colons', (text) => pairs(text, ':')),
  laidOut('hexadecimal with spaces', (text) => pairs(text, ' ')),
  laidOut('hexadecimal with dashes', (text) => pairs(text, '-').toUpperCase()),
  laidOut('base64 in lines of 64', (text) => lines(text, 64, '\n')),
  laidOut('base64 in lines of 76, Windows', (text) => lines(text, 76, '\r\n')),
  laidOut('base64 in indented lines', (text) => lines(text, 64, '\n    ')),
  laidOut('base64 in lines, in JSON', (text) => lines(text, 64, '\\n')),
  laidOut('base64 in lines of Windows, in JSON', (text) => lines(text, 76, '\\r\\n')),
  laidOut('base64 in lines, in XML', (text) => lines(text, 76, '&#13;\n')),
  laidOut('base64 in JSON of .NET', (text) => dotNet(lines(text, 1000, '')).replaceAll('+', '\\u002B')),
];

/** What surrounds a value in an encoded text. */
export const NEIGHBOR = 'a neighbour of the value, on either side of it: ';

function escaped(name: string, spell: (text: string) => string): Spelling {
  return { name, kind: 'escape', spell: (text) => [utf8(spell(text))] };
}

function encoded(name: string, spell: (text: string) => readonly string[]): Spelling {
  return { name, kind: 'encoding', spell: (text) => spell(text).map((one) => Buffer.from(one, 'utf8')) };
}

function laidOut(name: string, spell: (text: string) => string): Spelling {
  return { ...escaped(name, spell), kind: 'layout' };
}

function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The code units that match as `\uXXXX`. */
function units(text: string, which: RegExp): string {
  return text.replace(which, (unit) =>
    Array.from(unit, (_, at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** System.Text.Json: its digits are capital letters. */
function dotNet(text: string): string {
  return text.replace(/[^ !#$%()*,\-./0-9:;=?@A-Z[\]^_a-z{|}~]/g, (unit) => {
    const short = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[unit];
    return short ?? `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

function entities(text: string, which: RegExp): string {
  const names: Readonly<Record<string, string>> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": 'apos',
  };
  return text.replace(which, (one) => `&${names[one]};`);
}

function pointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Each byte that is no ASCII character to be kept as `%XX`. */
function percent(text: string, kept: RegExp): string {
  return Array.from(utf8(text), (byte) => {
    const character = String.fromCharCode(byte);
    return byte < 0x80 && kept.test(character) ? character : `%${hex(Buffer.of(byte)).toUpperCase()}`;
  }).join('');
}

function small(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (sequence) => sequence.toLowerCase());
}

/** As `grep --color` marks something in the middle. */
function colored(text: string, esc: string): string {
  const middle = text.length >> 1;
  return `${text.slice(0, middle)}${esc}[01;31m${esc}[K${text.slice(middle)}`;
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}

function bothCases(text: string): readonly string[] {
  return [text, text.toUpperCase()];
}

/**
 * The bytes of UTF-16 that both byte orders have in common: all but the zero at the beginning or the end. Where not all
 * is ASCII, both.
 */
function wide(text: string): readonly Buffer[] {
  const little = Buffer.from(text, 'utf16le');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant, all of it
  if (/^[\x00-\x7f]*$/.test(text)) return [little.subarray(0, -1)];
  return [little, Buffer.from(little).swap16()];
}

function pairs(text: string, between: string): string {
  return hex(utf8(`${NEIGHBOR}${text}${NEIGHBOR}`)).replace(/..(?=.)/g, `$&${between}`);
}

function lines(text: string, width: number, end: string): string {
  const whole = utf8(`${NEIGHBOR}${text}${NEIGHBOR}`).toString('base64');
  return whole.replace(new RegExp(`.{${width}}(?=.)`, 'g'), (line) => `${line}${end}`);
}

/** Whole and padded, and the core of it at each of the three places in a longer text where it may begin. */
function base64(bytes: Buffer): readonly string[] {
  const forms: string[] = [];
  const shifted = Buffer.concat([Buffer.alloc(2), bytes]);
  for (const offset of [0, 1, 2]) {
    const encoded = shifted.toString('base64', 2 - offset);
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    if (core.length >= MIN_CORE) forms.push(core);
    if (offset === 0 && encoded.endsWith('=')) forms.push(encoded);
  }
  return forms.flatMap((form) =>
    /[+/]/.test(form) ? [form, form.replaceAll('+', '-').replaceAll('/', '_')] : [form],
  );
}
