import type { AttackRecord } from '../../../ports.ts';
import { runInside } from './run-inside.ts';
import type { SandboxAbilities } from './sandbox-argv.ts';
import type { OpenSandbox } from './working-sandbox.ts';

/** Something that a scanner must not be able to do, as a script that succeeds where it can. */
interface Attempt {
  /** What stands after "a scanner can". */
  readonly what: string;
  readonly script: string;
  /** Held only by one of these abilities; absent: by every sandbox. */
  readonly heldBy?: readonly (keyof SandboxAbilities)[];
}

/** Nothing is changed where one works: files are opened and not written, what is made is in the sandbox's own folders. */
const ATTEMPTS: readonly Attempt[] = [
  { what: 'write kernel settings', script: ': >> /proc/sys/kernel/core_pattern' },
  { what: 'write below /usr', script: ': > /usr/secplan-attempt' },
  { what: 'write below /etc', script: ': > /etc/secplan-attempt' },
  { what: 'read files outside of its folders', script: '[ -e "$1" ] || [ -e /proc/1/root"$1" ]' },
  {
    what: 'use descriptors that secplan inherited',
    script:
      'for f in /proc/self/fd/[3-9]* /proc/self/fd/??*; do [ -e "$f" ] && ! [ "$f" -ef /dev/null ] && exit 0; done; exit 1',
  },
  {
    what: 'gain rights by starting a program',
    script:
      'while read -r k v; do [ "$k" = NoNewPrivs: ] && [ "$v" = 0 ] && exit 0; done < /proc/self/status; exit 1',
  },
  {
    what: 'use every system call',
    script:
      'while read -r k v; do [ "$k" = Seccomp: ] && [ "$v" != 2 ] && exit 0; done < /proc/self/status; exit 1',
    heldBy: ['filter'],
  },
  { what: 'mount', script: 'mount -t tmpfs none /tmp' },
  { what: 'make a user namespace', script: 'unshare --user true', heldBy: ['filter', 'disableUserns'] },
];

/**
 * Tries from inside what a sandbox with these abilities must refuse: one process, some milliseconds. `outside` is a folder of this
 * machine that is there and is not shown.
 * @throws Error when the attempts could not be made
 */
export async function attackSandbox(
  sandbox: OpenSandbox,
  can: SandboxAbilities,
  outside: string,
): Promise<AttackRecord> {
  const attempts = ATTEMPTS.filter(({ heldBy }) => heldBy === undefined || heldBy.some((name) => can[name]));
  const lines = attempts.map(
    ({ script }, index) => `(${script}) </dev/null >/dev/null 2>&1 && echo ${index}`,
  );
  const mounts = [...sandbox.tmp(2 ** 20), '--remount-ro', '/'];
  const text = [...lines, 'echo done'].join('\n');
  const { stdout, said } = await runInside(sandbox, mounts, ['/bin/sh', '-c', text, 'sh', outside]);
  const answers = stdout.trim().split('\n');
  if (answers.pop() !== 'done') throw new Error(`it could not be tried: ${said}`);
  return {
    tried: attempts.map(({ what }) => what),
    worked: answers.flatMap((index) => attempts[Number(index)]?.what ?? []),
  };
}
