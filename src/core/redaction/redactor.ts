import { createByteMatcher } from './byte-matcher.ts';
import { createRedactionStream, MARKER } from './redaction-stream.ts';
import { secretForms } from './secret-forms.ts';

/** Takes known secret values out of text. Streaming: a value split over two chunks is still found. */
export interface Redactor {
  /** Whole text at once. */
  text(text: string): string;
  /** A transform for a stream of bytes; `flush` gives what was held back. */
  stream(): { push(chunk: Uint8Array): Uint8Array; flush(): Uint8Array };
  /** Adds values learned during the run, for example by a secret scanner. */
  add(values: readonly string[]): void;
}

/** A learned value that is a short plain word would shred reports (`password`) and is no secret worth it. */
const PLAIN_WORD = /^[a-z]{1,10}$/i;
const MIN_LEARNED = 6;

/**
 * A redactor for the values of declared secrets: as they stand and, from 6 characters on, in base64 (each
 * alignment), hex, URL and JSON spelling, reversed, and line by line. Each stretch becomes `[redacted]`.
 * Values added later are of unknown worth: those under 6 characters and plain words of up to 10 letters are left.
 */
export function createRedactor(declared: readonly string[]): Redactor {
  const values = new Set(declared.filter((value) => value !== ''));
  let matcher = build(values);

  function text(input: string): string {
    if (values.size === 0) return input;
    const stream = createRedactionStream(() => matcher);
    const bytes = Buffer.from(input, 'utf8');
    const head = stream.push(bytes);
    return Buffer.concat([head, stream.flush()]).toString('utf8');
  }

  function add(learned: readonly string[]): void {
    const before = values.size;
    for (const value of learned) if (isDistinctive(value)) values.add(value);
    if (values.size > before) matcher = build(values);
  }

  return { text, add, stream: () => createRedactionStream(() => matcher) };
}

function isDistinctive(value: string): boolean {
  return value.trim().length >= MIN_LEARNED && !PLAIN_WORD.test(value.trim());
}

function build(values: ReadonlySet<string>) {
  // The marker is a pattern itself: text that was redacted in part before comes out as if redacted at once.
  const marker = values.size === 0 ? [] : [MARKER];
  return createByteMatcher([...marker, ...[...values].flatMap(secretForms)]);
}
