import { ByteMatcher } from './byte-matcher.ts';
import { MARKER, RedactionStream } from './redaction-stream.ts';
import { secretPatterns } from './secret-patterns.ts';
import { SecretSearch } from './secret-search.ts';

declare const brand: unique symbol;

/** Takes known secret values out of text. Streaming: a value split over two chunks is still found. */
export interface Redactor {
  /** Whole text at once. */
  text(text: string): string;
  /** A transform for a stream of bytes; `flush` gives what was held back. */
  stream(): RedactionStream;
}

/**
 * For what is stored: logs, blobs, cache entries. Knows the declared secrets and never learns another, so what is
 * stored does not depend on the order in which stages end.
 */
export interface StoreRedactor extends Redactor {
  readonly [brand]: 'StoreRedactor';
}

/** For what leaves the run: bundle, events, deliveries, shared cache. Also knows the values that the run has learned. */
export interface PublishRedactor extends Redactor {
  readonly [brand]: 'PublishRedactor';
  /**
   * Adds values found during the run, for example by a secret scanner. They are of unknown worth: those under 6
   * characters and plain words of up to 10 letters are left out.
   */
  learn(values: readonly string[]): void;
}

/** A learned value that is a short plain word would shred reports (`password`) and is no secret worth it. */
const PLAIN_WORD = /^[a-z]{1,10}$/i;
const MIN_LEARNED = 6;

/** A redactor that only looks; what is stored or leaves the run takes one of the two below. */
export function createRedactor(values: readonly string[]): Redactor {
  const { text, stream } = redactorOf(values);
  return { text, stream };
}

/** The redactor for what is stored, from the values of the declared secrets. */
export function createStoreRedactor(declared: readonly string[]): StoreRedactor {
  return createRedactor(declared) as StoreRedactor;
}

/**
 * The redactor for what leaves the run, from the values of the declared secrets. `names` gives the names that documents are
 * made of, one a line, and is asked at the first value that is learned: a scanner that takes one for a secret, such as the id of
 * a scanner in a list of findings, must not make the bundle unreadable.
 */
export function createPublishRedactor(
  declared: readonly string[],
  names: () => string = () => '',
): PublishRedactor {
  return redactorOf(declared, names) as PublishRedactor;
}

/**
 * Takes values out as they stand and, from 6 characters on, in every spelling of `spellings.ts`, and line by line. Each
 * stretch becomes `[redacted]`.
 */
function redactorOf(declared: readonly string[], names: () => string = () => '') {
  const matcher = new ByteMatcher();
  const known = new Set(['']);
  let protectedNames: string | undefined;

  function add(values: readonly string[]): void {
    for (const value of values) {
      if (known.has(value)) continue;
      // The marker is a pattern itself: text that was redacted in part before comes out as if redacted at once.
      if (known.size === 1) matcher.add(MARKER);
      known.add(value);
      for (const pattern of secretPatterns(value)) matcher.add(pattern);
    }
  }

  function text(input: string): string {
    if (matcher.patterns === 0) return input;
    const bytes = Buffer.from(input, 'utf8');
    let holds = false;
    const search = new SecretSearch(matcher, () => {
      holds = true;
    });
    search.read({ bytes, base: 0, final: true }, 0);
    if (!holds) return input.toWellFormed();
    const stream = new RedactionStream(matcher);
    return Buffer.concat([stream.push(bytes), stream.flush()]).toString('utf8');
  }

  add(declared);
  return {
    text,
    stream: () => new RedactionStream(matcher),
    learn: (found: readonly string[]) => {
      const distinctive = found.filter(isDistinctive);
      if (distinctive.length === 0) return;
      protectedNames ??= names();
      const kept = protectedNames;
      add(distinctive.filter((value) => !kept.includes(value.trim())));
    },
  };
}

function isDistinctive(value: string): boolean {
  return value.trim().length >= MIN_LEARNED && !PLAIN_WORD.test(value.trim());
}
