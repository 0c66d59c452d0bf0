import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';

/** Something that was given up: schema/dead-letter.schema.json. */
export interface DeadLetter {
  readonly schema: 'https://secplan.dev/schema/dead-letter/v1';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Bundle id. */
  readonly bundle: string;
  /** Stage id of the receiver. */
  readonly target: string;
  /** What people call the receiver. */
  readonly name: string;
  readonly why: string;
  /** The body of a message as it was to be sent. */
  readonly payload?: string;
}

/** One letter a receiver, in `<bundle-id>.dead-letter.jsonl` beside the bundle. */
export interface DeadLetters {
  readonly all: readonly DeadLetter[];
  /** Records the result for a receiver: its letter, or none any more. On the disk before it returns. @throws the file system's errors */
  settle(target: string, letter: DeadLetter | undefined): void;
}

const SCHEMA = 'https://secplan.dev/schema/dead-letter/v1';
const MAX_BYTES = 64 * 2 ** 20;

/** Reads what is there; lines that are no letters are dropped. @throws the file system's errors, and for a link or folder in its place */
export function openDeadLetters(path: string, redactor: PublishRedactor): DeadLetters {
  const letters = new Map(read(path).map((letter) => [letter.target, letter]));
  return {
    get all() {
      return [...letters.values()];
    },
    settle(target, letter) {
      const had = letters.delete(target);
      if (letter !== undefined) letters.set(target, letter);
      else if (!had) return;
      if (letters.size === 0) {
        rmSync(path, { force: true });
        return;
      }
      const draft = `${path}.${process.pid}.tmp`;
      const rows = [...letters.values()].map((one) => `${redactor.text(JSON.stringify(one))}\n`);
      rmSync(draft, { force: true });
      writeFileSync(draft, rows.join(''), { flag: 'wx', mode: 0o644, flush: true });
      renameSync(draft, path);
    },
  };
}

function read(path: string): readonly DeadLetter[] {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: number;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile() || facts.size > MAX_BYTES) throw new Error(`${path} is not a file of dead letters`);
    return readFileSync(file, 'utf8').split('\n').flatMap(parsed);
  } finally {
    closeSync(file);
  }
}

function parsed(text: string): DeadLetter[] {
  if (text === '') return [];
  try {
    const value = JSON.parse(text) as DeadLetter;
    return value?.schema === SCHEMA && typeof value.target === 'string' ? [value] : [];
  } catch {
    return [];
  }
}
