import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import { type DeadLetters, openDeadLetters } from './dead-letters.ts';

/** One line of the log: what happened to a target, or to one part of what it is sent. */
export interface LogLine {
  /** Stage id. */
  readonly target: string;
  /** Digest of where it goes: a target that was changed in the manifest starts anew. */
  readonly to: string;
  readonly event: 'started' | 'sent' | 'part' | 'note' | 'delivered' | 'failed' | 'skipped';
  /** What was sent: a key, a file, a category; absent for the target as a whole. */
  readonly item?: string;
  readonly sha256?: string;
  readonly detail?: string;
  /** What is needed to go on with an item that was begun. */
  readonly state?: Readonly<Record<string, string | number>>;
}

/**
 * `<bundle-id>.delivery.jsonl` beside a sealed bundle: what was sent to whom. It is also what a delivery goes on from
 * after it was killed, so each line is on the disk before the next thing is done.
 */
export interface DeliveryLog {
  readonly path: string;
  write(line: LogLine): void;
  /** Lines of one target that still mean the same receiver, oldest first. */
  of(target: string, to: string): readonly LogLine[];
  readonly letters: DeadLetters;
  close(): void;
}

const MAX_BYTES = 256 * 2 ** 20;

/** Opens the log of a bundle, making it where there is none. @throws the file system's errors, and for a link in its place */
export function openDeliveryLog(
  bundleDir: string,
  redactor: PublishRedactor,
  now: () => number,
): DeliveryLog {
  const beside = join(dirname(bundleDir), basename(bundleDir));
  const path = `${beside}.delivery.jsonl`;
  const letters = openDeadLetters(`${beside}.dead-letter.jsonl`, redactor);
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  const facts = fstatSync(file);
  if (!facts.isFile() || facts.size > MAX_BYTES) {
    closeSync(file);
    throw new Error(`${path} is not a delivery log`);
  }
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').flatMap(parsed);
  // Killed in the middle of a line: what follows must not be glued to it.
  if (text !== '' && !text.endsWith('\n')) writeSync(file, '\n');
  return {
    path,
    letters,
    write(line) {
      lines.push(line);
      const stamped = { at: new Date(now()).toISOString(), ...line };
      writeSync(file, `${redactor.text(JSON.stringify(stamped))}\n`);
      fsyncSync(file);
    },
    of: (target, to) => lines.filter((line) => line.target === target && line.to === to),
    close: () => closeSync(file),
  };
}

/** A line that was cut off, or is none, says nothing. */
function parsed(text: string): LogLine[] {
  if (text === '') return [];
  try {
    const value = JSON.parse(text) as LogLine;
    const whole = typeof value?.target === 'string' && typeof value.to === 'string';
    return whole && typeof value.event === 'string' ? [value] : [];
  } catch {
    return [];
  }
}
