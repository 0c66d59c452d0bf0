/** Processors whose system calls are known here, as Node names them. */
export type FilteredArch = 'x64' | 'arm64';

/** Number on x64, on arm64; `null` where it has none. */
type Numbers = readonly [x64: number, arm64: number | null];

/**
 * What no scanner needs and what ways out of sandboxes went through: mounts and namespaces, other processes' memory,
 * kernel code, keys, and large parts of the kernel that few programs ever use. Refused with EPERM.
 */
export const REFUSED: Readonly<Record<string, Numbers>> = {
  // Mounts and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  setns: [308, 268],
  unshare: [272, 97],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  // Files by handle instead of by path.
  open_by_handle_at: [304, 265],
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // Memory that is in no process and in no folder, so that nobody sees how much it is. Programs have other ways.
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  shmget: [29, 194],
  // Keys of the caller's session.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Programs in the kernel, and interfaces of many faults.
  bpf: [321, 280],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  fanotify_init: [300, 262],
  lookup_dcookie: [212, 18],
  vhangup: [153, 58],
  // The machine itself.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  nfsservctl: [180, 42],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
  uselib: [134, null],
  _sysctl: [156, null],
  create_module: [174, null],
  get_kernel_syms: [177, null],
  query_module: [178, null],
};

/** Looked into, by their arguments. */
export const EXAMINED = { clone: [56, 220], clone3: [435, 435], socket: [41, 198] } as const;

/** `removexattrat` of Linux 6.13. What came later is not there for a scanner until somebody has looked at it. */
export const NEWEST = 466;

/** Number of a refused system call; undefined where this processor has none of the name. */
export function refusedNumber(name: string, arch: FilteredArch): number | undefined {
  return REFUSED[name]?.[arch === 'x64' ? 0 : 1] ?? undefined;
}
