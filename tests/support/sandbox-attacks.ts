import { KERNEL_ATTACKS, type KernelAttack } from './kernel-attacks.ts';

/** Address families are no files: only a call shows whether one is let through. */
function socketOf(family: number): string {
  return `perl -e 'use Socket; print "WORKED" if socket(my $s, ${family}, SOCK_STREAM, 0) || socket($s, ${family}, SOCK_SEQPACKET, 0)'`;
}

/** Name and script; each prints WORKED where it got through. Nothing is written where it would do harm. */
export const ATTACKS: readonly KernelAttack[] = [
  ...KERNEL_ATTACKS,
  ['open core_pattern for writing', '(: >> /proc/sys/kernel/core_pattern) && echo WORKED'],
  ['open any kernel setting for writing', 'find /proc/sys -type f -writable | grep . && echo WORKED'],
  ['trigger a magic key', '(: >> /proc/sysrq-trigger) && echo WORKED'],
  ['move an interrupt', 'find /proc/irq /proc/bus /proc/fs -type f -writable | grep . && echo WORKED'],
  ['read which keys the caller has', 'grep -q . /proc/keys && echo WORKED'],
  ['read through descriptor 60', 'cat /proc/self/fd/60 | grep . && echo WORKED'],
  [
    'find any descriptor that is not its own',
    'for fd in /proc/self/fd/[3-9]* /proc/self/fd/??*; do [ -e "$fd" ] && ! [ "$fd" -ef /dev/null ] && echo WORKED $fd; done',
  ],
  ['forge its own exit code on the status descriptor', '(echo "{ \\"exit-code\\": 0 }" >&3) && echo WORKED'],
  ['make a user namespace', 'unshare --user true && echo WORKED'],
  [
    'make a user namespace and mount in it',
    'unshare --user --map-root-user --mount mount -t tmpfs x /tmp && echo WORKED',
  ],
  ['mount over a folder', 'mount --bind /tmp /src && echo WORKED'],
  ['enter the namespaces of its parent', 'nsenter --target 1 --mount true && echo WORKED'],
  ['make a device', 'mknod /tmp/disk b 8 0 && echo WORKED'],
  [
    'look into the first process of the sandbox',
    'ls /proc/1/root/root /proc/1/cwd/.. | grep -q root && echo WORKED',
  ],
  ["gain rights by a program of root's", 'grep -q "^NoNewPrivs:.*0" /proc/self/status && echo WORKED'],
  ['keep any capability', 'grep "^Cap[IPEBA]" /proc/self/status | grep -v 0000000000000000 && echo WORKED'],
  [
    'write beside its folders',
    '(echo x > /usr/x || echo x > /etc/x || echo x > /dev/x || echo x > /src/x) && echo WORKED',
  ],
  ['talk to the hypervisor', socketOf(40)],
  ["talk to the kernel's cryptography", socketOf(38)],
  [
    'open a device of the machine',
    'for d in $(find /dev -type b -o -type c); do case $d in */null|*/zero|*/full|*/random|*/urandom|*/tty|*/console|*/ptmx|*/pts/*) ;; *) (: < $d) && echo WORKED $d;; esac; done',
  ],
  [
    'write anywhere but in /tmp and /out',
    'find / -xdev -path /tmp -prune -o -path /out -prune -o ! -type l -writable -print | grep . && echo WORKED',
  ],
  ['write below /sys', 'find /sys -type f -writable | grep . && echo WORKED'],
];
