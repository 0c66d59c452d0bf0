import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';

/** A user of the kernel's that no program of the machine is, and who is user 1000 in the sandbox. */
export interface Identity {
  readonly uid: number;
  /** Open descriptor of its user namespace, for `bwrap --userns`. */
  readonly namespace: number;
}

/**
 * Unused by systemd's assignment of users, and by distributions. The second is for containers, which mostly have 65,536.
 * `count` users each, so that runs at the same time seldom share one, and stages of one run never.
 */
const RANGES = [
  { first: 1_900_000_000, count: 100_000_000 },
  { first: 60_706, count: 478 },
] as const;
const START_LIMIT_MS = 10_000;

/** Users for sandboxes, one for each that runs at the same time. */
export class Identities {
  readonly #unshare: string;
  readonly #range: (typeof RANGES)[number];
  readonly #free: Identity[] = [];
  readonly #all: Identity[] = [];

  private constructor(unshare: string, range: (typeof RANGES)[number]) {
    this.#unshare = unshare;
    this.#range = range;
  }

  /** Undefined where this process may give no user away: it is not root, or has too few users itself. */
  static of(unshare: string | undefined, users = ownUsers()): Identities | undefined {
    if (unshare === undefined || process.getuid?.() !== 0) return undefined;
    const range = RANGES.find(({ first, count }) =>
      users.some((own) => own.first <= first && first + count <= own.first + own.count),
    );
    return range === undefined ? undefined : new Identities(unshare, range);
  }

  /** One that nobody else of this run has now. About 5 ms for a new one. @throws Error when it cannot be made */
  async take(): Promise<Identity> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // Away from what another run counts from.
    const at = (process.pid * 64 + this.#all.length) % this.#range.count;
    const made = await openIdentity(this.#unshare, this.#range.first + at);
    this.#all.push(made);
    return made;
  }

  giveBack(identity: Identity): void {
    this.#free.push(identity);
  }

  close(): void {
    for (const { namespace } of this.#all.splice(0)) closeSync(namespace);
    this.#free.length = 0;
  }
}

/**
 * A user namespace with two users: its root is this process's own user, which sets a sandbox up, and 1000 is the given one.
 * The descriptor alone keeps it.
 */
async function openIdentity(unshare: string, uid: number): Promise<Identity> {
  const child = spawn(unshare, ['--user', '--', '/bin/sh', '-c', 'echo; read -r wait'], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: START_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  // Its end may come before the answer to what it was asked.
  child.stdin.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('unshare could make no user namespace')));
      child.stdout.once('data', () => resolve());
    });
    const map = `0 0 1\n1000 ${uid} 1\n`;
    for (const kind of ['uid', 'gid']) writeFileSync(`/proc/${child.pid}/${kind}_map`, map);
    return { uid, namespace: openSync(`/proc/${child.pid}/ns/user`, 'r') };
  } finally {
    child.kill('SIGKILL');
  }
}

interface Users {
  readonly first: number;
  readonly count: number;
}

/** Users and groups that there are for this process. */
function ownUsers(): Users[] {
  const [users = [], groups = []] = ['uid', 'gid'].map((kind) => {
    try {
      return readFileSync(`/proc/self/${kind}_map`, 'utf8').trim().split('\n').map(rangeOf);
    } catch {
      return [];
    }
  });
  return users.filter(({ first, count }) =>
    groups.some((group) => group.first <= first && first + count <= group.first + group.count),
  );
}

function rangeOf(line: string): Users {
  const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
  return { first, count };
}
