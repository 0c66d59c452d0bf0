import { describe, expect, it } from 'vitest';
import { filteredArch } from '../../src/executor/runtimes/shared/seccomp-filter.ts';
import { REFUSED, refusedNumber } from '../../src/executor/runtimes/shared/system-calls.ts';
import { ENGINE_ATTACKS, ENGINE_GREEDY, PLACES, runEngineAttacks, TOGETHER } from './engine-attacks.ts';
import { type RealEngine, realEngine } from './real-engine.ts';

const engine = realEngine();
const LONG = { timeout: 300_000 };

describe.skipIf(engine === undefined).each(PLACES)(
  'a scanner in a container of a real engine: %s',
  (place) => {
    it('gets through by none of the attacks', LONG, async () => {
      const { outcomes, attacks } = await runEngineAttacks(
        engine as RealEngine,
        place,
        ENGINE_ATTACKS.map(([, text]) => ({ text: `${text}; exit 0` })),
        TOGETHER,
      );
      const seen = outcomes.map(({ execution, stdout }, index) => ({
        attack: ENGINE_ATTACKS[index]?.[0],
        ok: execution.ok,
        worked: stdout.includes('WORKED'),
      }));
      expect(seen).toEqual(ENGINE_ATTACKS.map(([attack]) => ({ attack, ok: true, worked: false })));
      expect(attacks).toMatchObject({ worked: [] });
      expect(attacks?.tried).toContain("open the machine's devices");
      // What is not enforced is what no container of an engine can have.
      expect(outcomes.map(({ execution }) => execution.ok && execution.notEnforced)).toEqual(
        ENGINE_ATTACKS.map(() => [
          expect.stringMatching(/^CPU share/),
          expect.stringMatching(/^memory limit by polling/),
          expect.stringMatching(/^user: /),
        ]),
      );
    });

    it('that takes too much is ended, and its stage is incomplete', LONG, async () => {
      const { outcomes } = await runEngineAttacks(
        engine as RealEngine,
        place,
        ENGINE_GREEDY.map(([, attack]) => attack),
      );
      const ends = outcomes.map(({ execution }) => (execution.ok ? 'done' : execution.failure.reason));
      expect(ends.map((end, index) => [ENGINE_GREEDY[index]?.[0], end])).toEqual(
        ENGINE_GREEDY.map(([name, , { failure }]) => [name, failure.reason]),
      );
    });
  },
);

describe.skipIf(engine === undefined)('system calls in a container of a real engine', () => {
  const arch = filteredArch() ?? 'x64';
  const numbers = Object.keys(REFUSED).flatMap((name) => {
    const number = refusedNumber(name, arch);
    return number === undefined ? [] : [[name, number] as const];
  });

  it('what is refused never reaches the kernel, but for a stage that was granted it', LONG, async () => {
    const calls = numbers
      .map(
        ([name, number]) =>
          `$! = 0; syscall(${number}, 0, 0, 0, 0, 0); print "${name} ", $! == 1 ? 1 : 0, " "`,
      )
      .join(';');
    const traced = `perl -e 'syscall(${refusedNumber('ptrace', arch)}, 0x4200, 1, 0, 0); print $! == 1 ? 1 : 0'`;
    const { outcomes } = await runEngineAttacks(engine as RealEngine, 'engine', [
      { text: `perl -e '${calls}'` },
      { text: traced, privileges: ['ptrace'] },
      { text: traced },
    ]);
    expect(numbers.length).toBeGreaterThan(40);
    expect(outcomes[0]?.stdout.trim().split(/ +/)).toEqual(numbers.flatMap(([name]) => [name, '1']));
    expect(outcomes.slice(1).map(({ stdout }) => stdout)).toEqual(['0', '1']);
    const [, granted] = outcomes;
    expect(granted?.execution).toMatchObject({
      notEnforced: expect.arrayContaining([expect.stringMatching(/ptrace/)]),
    });
  });

  it('that stays below the limits is not ended', LONG, async () => {
    const { outcomes } = await runEngineAttacks(engine as RealEngine, 'engine', [
      { text: `perl -e 'for (1..1000) { open my $f, ">", "/out/$_" or die }'` },
      {
        memoryMb: 200,
        text: `exec python3 -c "
import mmap, os, time
f = open('/dev/shm/x', 'w+b'); f.truncate(120 << 20)
m = mmap.mmap(f.fileno(), 0)
for at in range(0, 120 << 20, 4096): m[at] = 1
if os.fork() == 0: [m[at] for at in range(0, 120 << 20, 4096)]
time.sleep(3)
"`,
      },
      { text: 'n=0; while [ $n -lt 300 ]; do n=$((n+1)); sleep 2 & done; wait' },
    ]);
    expect(outcomes.map(({ execution }) => execution.ok)).toEqual([true, true, true]);
  });
});
