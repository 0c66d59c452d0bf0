import { describe, expect, it } from 'vitest';
import {
  closedStdio,
  inheritedDescriptors,
} from '../../../../src/executor/runtimes/local/sandbox/inherited-descriptors.ts';
import { ATTACKERS, runAttacks, SECRET } from '../../../support/attack-rig.ts';

/** Name and script; each prints WORKED where it got through. Nothing is written where it would do harm. */
const ATTACKS: readonly (readonly [string, string])[] = [
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
];

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

describe('inherited descriptors', () => {
  it('are found by their flags, and stand as /dev/null', () => {
    const { stdio, done } = closedStdio(['pipe'], [3, 6]);
    done();
    expect(stdio).toEqual(['ignore', 'pipe', 'pipe', 'pipe', 'ignore', 'ignore', expect.any(Number)]);
    expect(closedStdio([], []).stdio).toEqual(['ignore', 'pipe', 'pipe']);
    expect(inheritedDescriptors('/nonexistent')).toEqual([]);
  });
});
