/** Something that a scanner must not be able to do, as a script that succeeds where it can. */
export interface Attempt {
  /** What stands after "a scanner can". */
  readonly what: string;
  readonly script: string;
  /** Held only by one of these abilities; absent: by every sandbox. */
  readonly heldBy?: readonly ('filter' | 'disableUserns')[];
}

/** Nothing is changed where one works: files are opened and not written, what is made is in the sandbox's own folders. */
export const ATTEMPTS: readonly Attempt[] = [
  {
    what: 'write kernel settings',
    script: ': >> /proc/sys/kernel/core_pattern || : >> /proc/sys/kernel/ns_last_pid',
  },
  { what: 'write below /usr', script: ': > /usr/secplan-attempt' },
  { what: 'write below /etc', script: ': > /etc/secplan-attempt' },
  {
    what: "open the machine's devices",
    script:
      'for d in /dev/kvm /dev/fuse /dev/loop[0-9]* /dev/[svx]d?* /dev/mem /dev/net/tun; do [ -e "$d" ] && : < "$d" && exit 0; done; exit 1',
  },
  { what: 'read which keys there are', script: 'read -r line < /proc/keys' },
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

/** A text of the shell that makes each of them, says which worked, and at last that it came to its end. */
export function attemptsScript(attempts: readonly Pick<Attempt, 'script'>[]): string {
  const lines = attempts.map(
    ({ script }, index) => `(${script}) </dev/null >/dev/null 2>&1 && echo ${index}`,
  );
  return [...lines, 'echo done'].join('\n');
}

/** What of it worked, by what that script said; undefined where it did not come to its end. */
export function workedOf(attempts: readonly Pick<Attempt, 'what'>[], said: string): string[] | undefined {
  const answers = said.trim().split('\n');
  return answers.pop() === 'done'
    ? answers.flatMap((index) => attempts[Number(index)]?.what ?? [])
    : undefined;
}
