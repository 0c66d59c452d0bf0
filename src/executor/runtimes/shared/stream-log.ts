import { closeSync, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { StoreRedactor } from '../../../core/redaction/redactor.ts';

export interface LogFile {
  /** Absolute; not there yet. */
  readonly path: string;
  readonly redactor: StoreRedactor;
  readonly limitBytes: number;
}

/**
 * Writes a process's stream to a file, redacted, up to a limit; what comes after is read, counted and dropped.
 * Calls `onFull` once when the limit is reached. @throws what the file system throws, after draining the stream.
 */
export async function streamLog(stream: Readable, to: LogFile, onFull = () => {}): Promise<void> {
  const { path, redactor, limitBytes } = to;
  const file = openSync(path, 'wx', 0o600);
  const redaction = redactor.stream();
  let room = limitBytes;
  let dropped = 0;
  let broken: unknown;

  function write(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, room);
    if (bytes.length > kept.length && dropped === 0) onFull();
    dropped += bytes.length - kept.length;
    room -= kept.length;
    if (broken !== undefined) return;
    try {
      for (let at = 0; at < kept.length; ) at += writeSync(file, kept, at);
    } catch (error) {
      // The stream is drained all the same: a full pipe would hang the process for ever.
      broken = error;
    }
  }

  try {
    for await (const chunk of stream) write(redaction.push(chunk as Uint8Array));
    write(redaction.flush());
    if (dropped > 0 && broken === undefined) writeSync(file, `\n[secplan: ${dropped} more bytes not kept]\n`);
  } finally {
    closeSync(file);
  }
  if (broken !== undefined) throw broken;
}
