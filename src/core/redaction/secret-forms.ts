/** Values shorter than this are taken out as they stand only: their encodings would hit ordinary text. */
const MIN_FORMS = 6;
const ARMOR = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;

/** Every spelling of a secret that must not get out, as byte strings: as it stands, per line, encoded, reversed. */
export function secretForms(value: string): Buffer[] {
  const forms = new Set<string>();
  for (const part of [value, ...linesOf(value)]) {
    forms.add(part);
    if (part.length < MIN_FORMS) continue;
    const bytes = Buffer.from(part, 'utf8');
    for (const text of base64Forms(bytes)) forms.add(text);
    const hex = bytes.toString('hex');
    forms.add(hex);
    forms.add(hex.toUpperCase());
    for (const text of urlForms(part, bytes)) forms.add(text);
    for (const text of jsonForms(part)) forms.add(text);
    forms.add([...part].reverse().join(''));
  }
  return Array.from(forms, (form) => Buffer.from(form, 'utf8'));
}

/** The lines of a value of several; armour lines of keys are public and stay readable. */
function linesOf(value: string): string[] {
  if (!/[\r\n]/.test(value)) return [];
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_FORMS && !ARMOR.test(line));
}

/** Whole and padded, and the core of it at each of the three places in a longer text where it may begin. */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = encoded.slice(from, to);
    // A shorter core would be found by chance in ordinary base64.
    if (core.length >= MIN_FORMS) forms.push(core);
    if (offset === 0) forms.push(encoded);
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function urlForms(text: string, bytes: Buffer): string[] {
  const every = bytes.toString('hex').toUpperCase().replace(/../g, '%$&');
  const component = text.isWellFormed() ? encodeURIComponent(text) : every;
  const form = component
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return [component, form, every].flatMap((encoded) => [encoded, lowerEscapes(encoded)]);
}

function lowerEscapes(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (sequence) => sequence.toLowerCase());
}

/** As inside a JSON string: plain, with `/` escaped, and with everything outside ASCII escaped. */
function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, ascii, plain.replaceAll('/', '\\/'), ascii.replaceAll('/', '\\/')];
}
