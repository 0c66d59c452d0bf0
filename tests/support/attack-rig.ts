import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Execution } from '../../src/executor/ports.ts';
import type { LocalRuntimeOptions } from '../../src/executor/runtimes/local/local-runtime.ts';
import type { StageLimits } from '../../src/stages/contract/stage-limits.ts';
import { openDoors } from './machine-doors.ts';

/** A shell script of a scanner that means harm. It prints WORKED where it got what it was after; words in `@` are what the machine has: see `machine-doors.ts`. */
export interface Attack {
  readonly text: string;
  readonly memoryMb?: number;
  /** What the manifest sets beside memory. */
  readonly limits?: StageLimits;
  readonly timeoutMs?: number;
  /** More than one: /tmp is a folder of the machine. */
  readonly steps?: number;
  readonly privileges?: readonly string[];
}

export interface AttackOutcome {
  readonly execution: Execution;
  readonly wallMs: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly out: readonly string[];
  /** To the kernel, who wrote these. */
  readonly users: readonly number[];
}

export interface AttackRun {
  readonly outcomes: readonly AttackOutcome[];
  readonly diagnostics: readonly string[];
  readonly notEnforced: readonly string[];
}

export type Attacker = 'root' | 'user';

/** Who can be tried here: an ordinary user always, root only where these tests run as root. */
export const ATTACKERS: readonly Attacker[] = process.getuid?.() === 0 ? ['root', 'user'] : ['user'];

/** What only secplan and no scanner may read; on descriptor 60 of the secplan that runs the attacks. */
export const SECRET = 'secret-behind-descriptor-60';
/** The same, in the session keyring of that secplan, as a key of type `user` with this description. */
export const KEY = { description: 'secplan-attack', secret: 'secret-in-the-session-keyring' } as const;
const USER = 4242;
const PROCESS = fileURLToPath(new URL('attack-process.ts', import.meta.url));

/** Capabilities of a root that nobody has taken any from: SETGID, SETUID, network, SYS_CHROOT, PTRACE, PACCT, ADMIN, BOOT, NICE and so on. */
const RIGHTS = [2, 6, 7, 10, 12, 13, 18, 19, 20, 21, 22, 23, 34];

/** Whether this attacker has all the rights of its kind, so that what holds it is the sandbox and nothing else. */
export function hasAllRights(who: Attacker): boolean {
  if (who === 'user') return true;
  const held = BigInt(
    `0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
  );
  return RIGHTS.every((bit) => ((held >> BigInt(bit)) & 1n) === 1n);
}

/** Runs attacks in the sandbox of a secplan that is this user, one after the other. @throws Error when that secplan fails */
export async function runAttacks(
  who: Attacker,
  attacks: readonly Attack[],
  options: Partial<Omit<LocalRuntimeOptions, 'clock' | 'connector' | 'onDiagnostic'>> = {},
): Promise<AttackRun> {
  const home = mkdtempSync(join(tmpdir(), 'secplan-attack-'));
  const secret = join(home, 'secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  const becomes = who === 'user' && process.getuid?.() === 0;
  if (becomes) for (const path of [home, secret]) chownSync(path, USER, USER);
  chmodSync(home, 0o700);
  const file = openSync(secret, 'r');
  const doors = await openDoors(home);
  const program = [
    ...withKey(),
    process.execPath,
    PROCESS,
    JSON.stringify({ attacks, options, words: doors.words }),
  ];
  const drop = ['/usr/bin/setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--'];
  const [command = '', ...argv] = becomes ? [...drop, ...program] : program;
  try {
    const child = spawn(command, argv, {
      env: { PATH: '/usr/bin:/bin', TMPDIR: home, HOME: home, ATTACK_MARK: 'of secplan' },
      stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: 57 }, () => 'ignore' as const), file],
    });
    const [text, said, code] = await Promise.all([
      all(child.stdout),
      all(child.stderr),
      new Promise((resolve) => child.once('close', resolve)),
    ]);
    if (code !== 0) throw new Error(`secplan as ${who} ended with ${code}: ${said}`);
    return JSON.parse(text) as AttackRun;
  } finally {
    closeSync(file);
    await doors.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Starts what follows in a new session keyring that holds the key; for x64 and arm64. */
function withKey(): readonly string[] {
  const [addKey, keyctl] = process.arch === 'x64' ? [248, 250] : [217, 219];
  // Perl hands on only what is in variables.
  const texts = `($t, $d, $s) = ("user", "${KEY.description}", "${KEY.secret}")`;
  const isAdded = `syscall(${addKey}, $t, $d, $s, ${KEY.secret.length}, -3) > 0`;
  const text = `${texts}; syscall(${keyctl}, 1, 0) > 0 && ${isAdded} or die "no key: $!"; exec @ARGV`;
  return ['/usr/bin/perl', '-e', text, '--'];
}

async function all(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (stream !== null) for await (const chunk of stream) text += String(chunk);
  return text;
}
