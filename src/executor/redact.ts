/**
 * Takes known secret values out of text. Streaming: a value split over two chunks is still found.
 * Filled by the executor's owner; the type is the port.
 */
export interface Redactor {
  /** Whole text at once. */
  text(text: string): string;
  /** A transform for a stream of bytes; `flush` gives what was held back. */
  stream(): { push(chunk: Uint8Array): Uint8Array; flush(): Uint8Array };
  /** Adds values learned during the run, for example by a secret scanner. */
  add(values: readonly string[]): void;
}
