import { describe, expect, it } from 'vitest';
import { filteredArch, seccompFilter } from '../../../../src/executor/runtimes/shared/seccomp-filter.ts';
import {
  EXAMINED,
  NEWEST,
  REFUSED,
  refusedNumber,
} from '../../../../src/executor/runtimes/shared/system-calls.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (number: number) => 0x00050000 | number;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

/** The kernel's interpreter, as far as these programs go. @throws Error where the kernel would refuse the program */
function answerOf(
  program: Buffer,
  data: { readonly arch: number; readonly nr: number; readonly arg?: number },
) {
  const memory = Buffer.alloc(64);
  memory.writeUInt32LE(data.nr >>> 0, 0);
  memory.writeUInt32LE(data.arch >>> 0, 4);
  memory.writeUInt32LE((data.arg ?? 0) >>> 0, 16);
  let accumulator = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const [skip, skipElse] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const k = program.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = memory.readUInt32LE(k);
    else if (code === 0x15) at += accumulator === k ? skip : skipElse;
    else if (code === 0x25) at += accumulator > k ? skip : skipElse;
    else if (code === 0x35) at += accumulator >= k ? skip : skipElse;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? skip : skipElse;
    else throw new Error(`no instruction ${code}`);
  }
  throw new Error('it ends without an answer');
}

describe.each(['x64', 'arm64'] as const)('the system call filter for %s', (arch) => {
  const at = arch === 'x64' ? 0 : 1;
  const program = seccompFilter({ arch });
  const answer = (nr: number, arg = 0, using = program) => answerOf(using, { arch: AUDIT[arch], nr, arg });

  it('is one that the kernel takes', () => {
    expect(program.length % 8).toBe(0);
    expect(program.length / 8).toBeLessThan(4096);
  });

  it('refuses what is in the table and lets the rest through', () => {
    const refused = new Set(Object.keys(REFUSED).map((name) => refusedNumber(name, arch)));
    const examined = new Set(Object.values(EXAMINED).map((numbers) => numbers[at] as number));
    for (let nr = 0; nr <= NEWEST; nr += 1) {
      if (!examined.has(nr)) expect([nr, answer(nr)]).toEqual([nr, refused.has(nr) ? errno(1) : ALLOW]);
    }
  });

  it('knows no call twice', () => {
    const numbers = Object.keys(REFUSED).flatMap((name) => refusedNumber(name, arch) ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('lets what is asked for through, and nothing else', () => {
    const open = seccompFilter({ arch, allow: ['ptrace'] });
    expect(answer(refusedNumber('ptrace', arch) ?? -1, 0, open)).toBe(ALLOW);
    expect(answer(refusedNumber('bpf', arch) ?? -1, 0, open)).toBe(errno(1));
  });

  it('ends a process that calls as on another processor', () => {
    for (const other of [0x40000003, 0x40000028, AUDIT[arch === 'x64' ? 'arm64' : 'x64'], 0]) {
      expect(answerOf(program, { arch: other, nr: 0 })).toBe(KILL);
    }
  });

  it('knows no call that came later, nor one with 32-bit pointers', () => {
    expect(answer(NEWEST + 1)).toBe(errno(38));
    expect(answer(0xffffffff)).toBe(arch === 'x64' ? errno(1) : errno(38));
    expect(answer(0x40000000)).toBe(arch === 'x64' ? errno(1) : errno(38));
  });

  it('makes threads and processes, but no namespaces', () => {
    const [clone, clone3] = [EXAMINED.clone[at], EXAMINED.clone3[at]];
    expect(answer(clone, 17)).toBe(ALLOW);
    expect(answer(clone, 0x003d0f00)).toBe(ALLOW);
    for (const bit of [17, 25, 26, 27, 28, 29, 30]) expect(answer(clone, 2 ** bit + 17)).toBe(errno(1));
    expect(answer(clone3)).toBe(errno(38));
  });

  it('lets sockets of the network and of files through, and of nothing else', () => {
    const through = [...Array(64).keys()].filter((family) => answer(EXAMINED.socket[at], family) === ALLOW);
    expect(through).toEqual([1, 2, 10, 16]);
    expect(answer(EXAMINED.socket[at], 40)).toBe(errno(97));
  });
});

it('other processors have no filter', () => {
  expect(['x64', 'arm64', 'riscv64', 's390x', 'ia32'].map((arch) => filteredArch(arch))).toEqual([
    'x64',
    'arm64',
    undefined,
    undefined,
    undefined,
  ]);
});
