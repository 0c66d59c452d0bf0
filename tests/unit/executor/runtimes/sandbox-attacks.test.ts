import { describe, expect, it } from 'vitest';
import {
  closedStdio,
  inheritedDescriptors,
} from '../../../../src/executor/runtimes/local/sandbox/inherited-descriptors.ts';
import { filteredArch } from '../../../../src/executor/runtimes/shared/seccomp-filter.ts';
import {
  EXAMINED,
  NEWEST,
  REFUSED,
  refusedNumber,
} from '../../../../src/executor/runtimes/shared/system-calls.ts';
import { ATTACKERS, hasAllRights, KEY, runAttacks, SECRET } from '../../../support/attack-rig.ts';
import { ATTACKS } from '../../../support/sandbox-attacks.ts';

describe.each(ATTACKERS)('attacks on the sandbox of %s', (who) => {
  it('none of them works', async () => {
    const { outcomes } = await runAttacks(
      who,
      ATTACKS.map(([, text]) => ({ text: `${text}; exit 0` })),
    );
    const seen = outcomes.map(({ execution, stdout }, index) => ({
      attack: ATTACKS[index]?.[0],
      ok: execution.ok,
      worked: /WORKED/.test(stdout) || stdout.includes(SECRET),
    }));
    expect(seen).toEqual(ATTACKS.map(([attack]) => ({ attack, ok: true, worked: false })));
  });
});

describe.each(ATTACKERS)('without a sandbox, attacks of %s', (who) => {
  const real = ATTACKS.filter(([, , outside]) => outside === 'anyone' || outside === who);

  it.skipIf(!hasAllRights(who))('work: each of these is real', async () => {
    const { outcomes } = await runAttacks(
      who,
      real.map(([, text]) => ({ text: `${text}; exit 0` })),
      { sandbox: 'none' },
    );
    const failed = real.filter((_, index) => !/WORKED/.test(outcomes[index]?.stdout ?? ''));
    expect(failed.map(([attack]) => attack)).toEqual([]);
  });
});

describe.each(ATTACKERS)("the session keyring of %s's secplan", (who) => {
  const keyctl = process.arch === 'x64' ? 250 : 219;
  // KEYCTL_SEARCH in the session's keyring, KEYCTL_READ.
  const texts = `($t, $d, $b) = ("user", "${KEY.description}", "x" x 99)`;
  const key = `syscall(${keyctl}, 10, -3, $t, $d, 0)`;
  const text = `perl -e '${texts}; $n = syscall(${keyctl}, 11, ${key}, $b, 99); print $n > 0 ? substr($b, 0, $n) : "refused"'`;

  it('is closed to a scanner, and open without a sandbox: the attack is real', async () => {
    const inside = await runAttacks(who, [{ text }]);
    expect(inside.outcomes[0]?.stdout).toBe('refused');
    const outside = await runAttacks(who, [{ text }], { sandbox: 'none' });
    expect(outside.outcomes[0]?.stdout).toBe(KEY.secret);
  });
});

describe.each(ATTACKERS)('system calls from the sandbox of %s', (who) => {
  const arch = filteredArch() ?? 'x64';
  const numbers = Object.keys(REFUSED).flatMap((name) => {
    const number = refusedNumber(name, arch);
    return number === undefined ? [] : [[name, number] as const];
  });
  const calls = numbers
    .map(([name, number]) => `$! = 0; syscall(${number}, 0, 0, 0, 0, 0); print "${name} $!{EPERM} "`)
    .join(';');

  it('what is refused never reaches the kernel', async () => {
    const { outcomes } = await runAttacks(who, [{ text: `perl -e 'use Errno; ${calls}'` }]);
    const answers = (outcomes[0]?.stdout ?? '').trim().split(/ +/);
    expect(numbers.length).toBeGreaterThan(40);
    expect(answers).toEqual(numbers.flatMap(([name]) => [name, '1']));
  });

  it('threads come by clone, as clone3 is not there; namespaces by none', async () => {
    const { clone, clone3 } = EXAMINED;
    const at = arch === 'x64' ? 0 : 1;
    const newUser = `$! = 0; print syscall(${clone[at]}, 0x10000000 | 17, 0, 0, 0, 0), $! + 0, " "`;
    const third = `$! = 0; print syscall(${clone3[at]}, 0, 0), $! + 0, " "`;
    const later = `$! = 0; print syscall(${NEWEST + 1}, 0, 0), $! + 0, " "`;
    const x32 = arch === 'x64' ? `$! = 0; print syscall(0x40000000 + 39), $! + 0, " "` : 'print "-11 "';
    const { outcomes } = await runAttacks(who, [
      { text: `perl -e '${[newUser, third, later, x32].join(';')}'` },
      {
        text: 'python3 -c "import threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()"',
      },
    ]);
    expect(outcomes.map(({ stdout }) => stdout.trim())).toEqual(['-11 -138 -138 -11', '1']);
  });
});

it.runIf(ATTACKERS.includes('root'))(
  "to the kernel a scanner of root's is no user of the machine",
  async () => {
    const { outcomes, notEnforced } = await runAttacks('root', [{ text: 'id -u; id -un; echo x > /out/x' }]);
    expect(outcomes[0]).toMatchObject({ execution: { ok: true }, stdout: '1000\nscan\n', out: ['x'] });
    expect(outcomes[0]?.users[0]).toBeGreaterThan(60_000);
    expect(outcomes[0]?.execution).not.toHaveProperty('notEnforced');
    expect(notEnforced.join()).not.toMatch(/user/);
  },
);

describe('a stage that needs ptrace', () => {
  it.each(ATTACKERS)('has it, and it is said: %s', async (who) => {
    const text = `perl -e 'use Errno; syscall(${refusedNumber('ptrace', filteredArch() ?? 'x64')}, 0x4200, 1, 0, 0); print $!{EPERM}'`;
    const { outcomes } = await runAttacks(who, [{ text, privileges: ['ptrace'] }, { text }]);
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(['0', '1']);
    const said = outcomes.map(({ execution }) => (execution.ok ? execution.notEnforced : undefined));
    expect(said[0]).toContainEqual(expect.stringMatching(/ptrace/));
    expect(said[1] ?? []).not.toContainEqual(expect.stringMatching(/ptrace/));
  });
});

describe('inherited descriptors', () => {
  it('are found by their flags, and stand as /dev/null', () => {
    const { stdio, done } = closedStdio(['pipe'], [3, 6]);
    done();
    expect(stdio).toEqual(['ignore', 'pipe', 'pipe', 'pipe', 'ignore', 'ignore', expect.any(Number)]);
    expect(closedStdio([], []).stdio).toEqual(['ignore', 'pipe', 'pipe']);
    expect(inheritedDescriptors('/nonexistent')).toEqual([]);
  });
});
