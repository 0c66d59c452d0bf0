import { filteredArch } from '../../src/executor/runtimes/shared/seccomp-filter.ts';
import { EXAMINED, refusedNumber } from '../../src/executor/runtimes/shared/system-calls.ts';

const ARCH = filteredArch() ?? 'x64';

/** A program in Python. `reach` prints WORKED where a system call got past every refusal, whatever became of it. */
function python(text: string): string {
  const lines = [
    'import ctypes, errno, fcntl, os, resource, signal, socket, struct',
    'L = ctypes.CDLL(None, use_errno=True)',
    'NO = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT)',
    'def reach(*a):',
    '    ctypes.set_errno(0); r = L.syscall(*a); e = ctypes.get_errno()',
    '    if r >= 0 or e not in NO: print("WORKED", r, e)',
    'def works(f):',
    '    try: print("WORKED", f())',
    '    except OSError: pass',
    ...text.split('\n'),
  ];
  return `python3 -c '${lines.join('\n')}'`;
}

/** A system call by its name, with arguments in Python. */
function call(name: string, args: string): string {
  const examined = Object.entries(EXAMINED).find(([each]) => each === name)?.[1];
  const number = examined?.[ARCH === 'x64' ? 0 : 1] ?? refusedNumber(name, ARCH);
  return python(number === undefined ? 'pass' : `reach(${number}, ${args})`);
}

function family(number: number): string {
  return python(
    `for kind in (1, 2, 3, 5):\n    reach(${ARCH === 'x64' ? EXAMINED.socket[0] : EXAMINED.socket[1]}, ${number}, kind, 0)`,
  );
}

/** Name, script, and whether it works where there is no sandbox: for anyone, or for root alone. The others would do harm, or depend on the machine. */
export type KernelAttack = readonly [name: string, text: string, outside?: 'anyone' | 'root'];

/** Each prints WORKED where it got through; words in `@` are what the rig has on the machine. */
export const KERNEL_ATTACKS: readonly KernelAttack[] = [
  // What the machine has, by name.
  [
    'talk to a service on the loopback address of the machine',
    python('works(lambda: socket.create_connection(("127.0.0.1", @TCP4@), 2))'),
    'anyone',
  ],
  [
    'talk to a service on its IPv6 loopback address',
    python('works(lambda: socket.create_connection(("::1", @TCP6@), 2))'),
    'anyone',
  ],
  [
    'talk to an abstract socket of the machine',
    python('s = socket.socket(socket.AF_UNIX)\nworks(lambda: s.connect("\\0@ABSTRACT@"))'),
    'anyone',
  ],
  [
    'talk to a socket in a folder of the machine',
    python('s = socket.socket(socket.AF_UNIX)\nworks(lambda: s.connect("@SOCKET@"))'),
    'anyone',
  ],
  [
    'find any socket of a service: D-Bus, containers',
    'find / -xdev -type s 2>/dev/null | grep . && echo WORKED; for s in /run/dbus /var/run/docker.sock /run/containerd /run/systemd /tmp/.X11-unix; do [ -e $s ] && echo WORKED $s; done',
  ],
  ['see the shared memory of the machine', '[ -e @SHARED@ ] && echo WORKED', 'anyone'],
  ['see the temporary folder of the machine', '[ -e @HOME@ ] && echo WORKED', 'anyone'],
  [
    'see homes and what runs keep',
    'ls -A /root /home /run /var /srv /opt /mnt /media /boot 2>/dev/null | grep -v : | grep . && echo WORKED',
  ],
  ['signal secplan', 'kill -0 @PID@ && echo WORKED', 'anyone'],
  [
    'read the environment of secplan',
    'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -q ATTACK_MARK && echo WORKED',
    'anyone',
  ],
  ['write to a descriptor that secplan reads', '[ /proc/self/fd/0 -ef /dev/null ] || echo WORKED'],
  ['see interfaces of the machine', 'grep : /proc/net/dev | grep -v "lo:" && echo WORKED', 'anyone'],
  // The terminal of who started secplan.
  [
    'push keys into the terminal (TIOCSTI)',
    python(
      'for at in ("/dev/tty", "/dev/console", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"):\n    works(lambda: fcntl.ioctl(os.open(at, os.O_RDWR | os.O_NOCTTY), 0x5412, b"x"))',
    ),
  ],
  [
    'open a terminal of the machine',
    'for t in /dev/pts/[0-9]* /dev/tty[0-9]* /dev/vcs*; do [ -e $t ] && (: < $t) && echo WORKED $t; done',
  ],
  // What the kernel shows of itself.
  [
    "read the kernel's memory",
    '(head -c 1 /proc/kcore || head -c 1 /dev/mem || head -c 1 /dev/kmem || head -c 1 /dev/port) | grep -q . && echo WORKED',
  ],
  [
    "read the kernel's log",
    python(
      'for at in ("/dev/kmsg", "/proc/kmsg"):\n    works(lambda: os.open(at, os.O_RDONLY | os.O_NONBLOCK))',
    ),
    'root',
  ],
  ["write the kernel's log", '(echo x > /dev/kmsg) && echo WORKED'],
  ["ask for the kernel's log by syslog", call('syslog', '10, None, 0')],
  [
    'find debugging and tracing files',
    'for f in /sys/kernel/debug /sys/kernel/tracing /sys/firmware /sys/fs/bpf /sys/fs/cgroup /proc/sched_debug; do [ -e $f ] && echo WORKED $f; done',
  ],
  [
    'register a program for a kind of file',
    '(echo ":x:M::x::/bin/sh:" > /proc/sys/fs/binfmt_misc/register) && echo WORKED',
  ],
  // Other processes.
  [
    "read another process's memory (process_vm_readv)",
    python(
      `b = ctypes.create_string_buffer(8); a = (ctypes.c_void_p * 2)(ctypes.addressof(b), 8)\nreach(${refusedNumber('process_vm_readv', ARCH)}, os.getpid(), a, 1, a, 1, 0)`,
    ),
    'anyone',
  ],
  [
    "write another process's memory (process_vm_writev)",
    python(
      `b = ctypes.create_string_buffer(8); a = (ctypes.c_void_p * 2)(ctypes.addressof(b), 8)\nreach(${refusedNumber('process_vm_writev', ARCH)}, os.getpid(), a, 1, a, 1, 0)`,
    ),
    'anyone',
  ],
  [
    'take a descriptor of another process (pidfd_getfd)',
    python(`p = L.syscall(434, os.getppid(), 0)\nreach(${refusedNumber('pidfd_getfd', ARCH)}, p, 1, 0)`),
    'anyone',
  ],
  ['trace itself (ptrace)', call('ptrace', '0, 0, 0, 0'), 'anyone'],
  [
    'end the first process of the sandbox',
    'kill -9 1; kill -9 $PPID; sleep 0.1; [ -e /proc/1 ] || echo WORKED',
  ],
  // Namespaces and mounts.
  ['make a user namespace by clone', call('clone', '0x10000000 | 17, 0, 0, 0, 0')],
  [
    'make a user namespace by clone3',
    call('clone3', '(ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0), 64'),
  ],
  ['make a user namespace by unshare', call('unshare', '0x10000000'), 'anyone'],
  [
    'enter a namespace (setns)',
    python(`reach(${refusedNumber('setns', ARCH)}, os.open("/proc/self/ns/mnt", os.O_RDONLY), 0)`),
    'root',
  ],
  [
    'write its own map of users',
    '(echo "0 0 1" > /proc/self/uid_map) && echo WORKED; (echo "0 0 1" > /proc/self/gid_map) && echo WORKED',
  ],
  ['change its root (chroot)', call('chroot', 'b"/"'), 'root'],
  ['change the root of all (pivot_root)', call('pivot_root', 'b"/nonexistent", b"/nonexistent"')],
  ['mount by the new calls (fsopen)', call('fsopen', 'b"tmpfs", 0'), 'root'],
  ['copy a mount (open_tree)', call('open_tree', '-100, b"/", 1'), 'root'],
  [
    'unmount what hides files',
    'umount -l /proc && echo WORKED; umount -l /etc && echo WORKED; umount -l /dev && echo WORKED',
  ],
  [
    'open a file by its number (open_by_handle_at)',
    call('open_by_handle_at', '-100, (ctypes.c_uint32 * 4)(8, 1, 2, 0), 0'),
    'root',
  ],
  // Large or faulty parts of the kernel.
  ['start io_uring', call('io_uring_setup', '1, ctypes.create_string_buffer(120)')],
  ['handle its own page faults (userfaultfd)', call('userfaultfd', '1')],
  [
    'count events (perf_event_open)',
    call('perf_event_open', '(ctypes.c_uint32 * 32)(1, 128), 0, -1, -1, 0'),
    'root',
  ],
  ['load a program into the kernel (bpf)', call('bpf', '0, (ctypes.c_uint32 * 32)(2, 4, 4, 1), 128'), 'root'],
  ['change its segments (modify_ldt)', call('modify_ldt', '0, ctypes.create_string_buffer(8), 8'), 'anyone'],
  ['run a program that is in no file (memfd_create)', call('memfd_create', 'b"x", 0'), 'anyone'],
  ['keep a key', call('add_key', 'b"user", b"secplan", b"x", 1, -2'), 'anyone'],
  ['ask for a key', call('request_key', 'b"user", b"secplan-none", None, 0')],
  ['watch files of the machine (fanotify)', call('fanotify_init', '0, 0'), 'root'],
  ['talk to the kernel: packets of the link', family(17), 'root'],
  ['talk to the kernel: keys of IPsec', family(15)],
  ['talk to the kernel: Bluetooth', family(31)],
  ['talk to the kernel: TIPC', family(30)],
  ['talk to the kernel: CAN', family(29)],
  ['talk to the kernel: express data path', family(44)],
  ['send raw packets', python('works(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))'), 'root'],
  ['take a port below 1024', python('s = socket.socket()\nworks(lambda: s.bind(("127.0.0.1", 81)))'), 'root'],
  [
    'change the network by netlink',
    python(
      's = socket.socket(16, 3, 0); m = struct.pack("IHHIIBBHiII", 32, 19, 5, 1, 0, 0, 0, 0, 1, 0, 0)\ns.send(m); r = s.recv(4096)\nif struct.unpack_from("i", r, 16)[0] == 0: print("WORKED")',
    ),
    'root',
  ],
  // The machine itself.
  ['start another kernel', call('kexec_load', '0, 0, None, 0xffff')],
  ['load a module', call('init_module', 'None, 0, b""')],
  ['swap to a file of its own', call('swapon', 'b"/nonexistent", 0'), 'root'],
  ['restart the machine', call('reboot', '0, 0, 0, None'), 'root'],
  ['set the time', call('settimeofday', '(ctypes.c_int64 * 2)(-1, -1), None')],
  ['record every process', call('acct', 'b"/nonexistent"'), 'root'],
  ['rename the machine', 'hostname secplan-attack && echo WORKED'],
  // Its own limits and rights.
  [
    'become root',
    python('works(lambda: os.setuid(0))\nworks(lambda: os.setgid(0))\nworks(lambda: os.setgroups([0]))'),
    'root',
  ],
  [
    'become root by a program',
    'su root -c true </dev/null && echo WORKED; newuidmap $$ 0 0 1 && echo WORKED',
  ],
  ['leave a core', 'ulimit -c unlimited && echo WORKED'],
  [
    'write files of any size',
    'ulimit -f unlimited && echo WORKED; truncate -s 1T /out/x && echo WORKED; rm -f /out/x',
  ],
  ['lift its limit on processes', python('works(lambda: resource.setrlimit(resource.RLIMIT_CPU, (-1, -1)))')],
  [
    'run before all others',
    python(
      'works(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))\nworks(lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))',
    ),
    'root',
  ],
  ['be spared when memory runs out', '(echo -500 > /proc/self/oom_score_adj) && echo WORKED'],
  // Files.
  [
    'link a file of the tree to its output',
    'for f in /src/* /etc/passwd /usr/bin/env; do ln $f /out/linked && echo WORKED; done',
  ],
  [
    'write through a link in its output',
    'ln -s /etc/passwd /out/l; (echo x >> /out/l) && echo WORKED; ln -s /src /out/s; (echo x > /out/s/x) && echo WORKED; rm -f /out/l /out/s',
  ],
  [
    'climb out of its output',
    'cd /out && for up in .. ../.. ../../..; do (: > $up/secplan-climbed) && echo WORKED; done',
  ],
  [
    'make a device, a device by another name',
    'mknod /out/d c 1 3 && echo WORKED; mknod /out/e b 8 0 && echo WORKED',
  ],
];
