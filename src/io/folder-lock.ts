import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOf } from './process-mark.ts';

const LOCK = /^lock\.([0-9]{1,9})$/;

/**
 * Takes a folder for this process; undefined while a live process has it. A dead holder's lock is overtaken: locks are
 * numbered, and of several who overtake at once only one can create the next number.
 * @throws the file system's errors
 */
export function takeFolderLock(dir: string): { release(): void } | undefined {
  const numbers = lockNumbers(dir);
  if (numbers.some((number) => isAlive(join(dir, `lock.${number}`)))) return undefined;
  const last = Math.max(0, ...numbers);
  const mine = join(dir, `lock.${last + 1}`);
  const draft = join(dir, `.lock-${process.pid}-${crypto.randomUUID()}`);
  writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), { mode: 0o600 });
  try {
    // A link appears whole or not at all, and fails when the name is taken.
    linkSync(draft, mine);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const release = () => {
    // Those below are of the dead: with one of them alive this lock would not have been taken.
    for (const number of numbers) rmSync(join(dir, `lock.${number}`), { force: true });
    rmSync(mine, { force: true });
  };
  // Someone who looked before a lock was let go may have taken another number meanwhile: then nobody has it.
  const others = lockNumbers(dir).filter((number) => number !== last + 1);
  if (!others.some((number) => isAlive(join(dir, `lock.${number}`)))) return { release };
  rmSync(mine, { force: true });
  return undefined;
}

function lockNumbers(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => {
    const number = LOCK.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function isAlive(lock: string): boolean {
  try {
    const { pid, started } = JSON.parse(readFileSync(lock, 'utf8')) as {
      pid: number;
      started: string | null;
    };
    if (!Number.isSafeInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    // The pid may have been given to another process since.
    return startOf(pid) === started;
  } catch (error) {
    // EPERM: a process of another user is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
