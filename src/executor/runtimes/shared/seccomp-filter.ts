import { EXAMINED, type FilteredArch, NEWEST, REFUSED, refusedNumber } from './system-calls.ts';

/** Of linux/filter.h. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_AT_LEAST = 0x35;
const JUMP_SET = 0x45;
const RETURN = 0x06;
/** Of linux/seccomp.h: offsets into `seccomp_data`, and what a filter may answer. */
const [AT_NUMBER, AT_ARCH, AT_FIRST_ARGUMENT] = [0, 4, 16];
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];

/** Of linux/audit.h. */
const ARCHES: Readonly<Record<FilteredArch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** x64 system calls with 32-bit pointers have this bit: other numbers for the same calls. */
const X32 = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: AF_VSOCK leads to the hypervisor and knows no network namespace. */
const FAMILIES = [1, 2, 10, 16];

/** `skip` more instructions where the test holds, `skipElse` where it does not. */
type Instruction = readonly [code: number, k: number, skip?: number, skipElse?: number];

export interface FilterOptions {
  readonly arch: FilteredArch;
  /** Refused system calls that are let through, for example `ptrace`. */
  readonly allow?: readonly string[];
}

/** The processor's name where its system calls are known here. */
export function filteredArch(arch: string = process.arch): FilteredArch | undefined {
  return arch === 'x64' || arch === 'arm64' ? arch : undefined;
}

/**
 * A seccomp program, as `bwrap --seccomp` takes it. System calls of another processor end the process; what is refused
 * fails as if the kernel lacked it or the caller might not, so that programs with another way take it.
 */
export function seccompFilter({ arch, allow = [] }: FilterOptions): Buffer {
  const at = arch === 'x64' ? 0 : 1;
  const refused = Object.keys(REFUSED)
    .filter((name) => !allow.includes(name))
    .flatMap((name) => refusedNumber(name, arch) ?? []);
  const program: Instruction[] = [
    [LOAD, AT_ARCH],
    [JUMP_EQUAL, ARCHES[arch], 1, 0],
    [RETURN, KILL_PROCESS],
    [LOAD, AT_NUMBER],
    ...(arch === 'x64' ? answer(JUMP_AT_LEAST, X32, fail(EPERM)) : []),
    ...answer(JUMP_GREATER, NEWEST, fail(ENOSYS)),
    // Its flags lie in memory, where no filter can look; libraries then take `clone`.
    ...answer(JUMP_EQUAL, EXAMINED.clone3[at], fail(ENOSYS)),
    ...refused.flatMap((number) => answer(JUMP_EQUAL, number, fail(EPERM))),
    ...block(EXAMINED.clone[at], [
      [LOAD, AT_FIRST_ARGUMENT],
      ...answer(JUMP_SET, NAMESPACES, fail(EPERM)),
      [RETURN, ALLOW],
    ]),
    ...block(EXAMINED.socket[at], [
      [LOAD, AT_FIRST_ARGUMENT],
      ...FAMILIES.flatMap((family) => answer(JUMP_EQUAL, family, ALLOW)),
      [RETURN, fail(EAFNOSUPPORT)],
    ]),
    [RETURN, ALLOW],
  ];
  return encode(program);
}

/** Where the test holds, this answer; else what follows. */
function answer(test: number, k: number, result: number): Instruction[] {
  return [
    [test, k, 0, 1],
    [RETURN, result],
  ];
}

/** What is done for one system call only; every way through it ends in an answer. */
function block(number: number, inside: readonly Instruction[]): Instruction[] {
  return [[JUMP_EQUAL, number, 0, inside.length], ...inside];
}

/** `struct sock_filter`, little-endian on both processors. */
function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, k, skip = 0, skipElse = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(skip, index * 8 + 2);
    bytes.writeUInt8(skipElse, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}
