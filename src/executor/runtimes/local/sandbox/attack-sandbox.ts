import type { AttackRecord } from '../../../ports.ts';
import { ATTEMPTS, type Attempt, attemptsScript, workedOf } from '../../shared/attempts.ts';
import { runInside } from './run-inside.ts';
import type { SandboxAbilities } from './sandbox-argv.ts';
import type { OpenSandbox } from './working-sandbox.ts';

/** Where a sandbox shows some of this machine's folders and not the others. */
const OUTSIDE: Attempt = {
  what: 'read files outside of its folders',
  script: '[ -e "$1" ] || [ -e /proc/1/root"$1" ]',
};

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
  const attempts = [...ATTEMPTS, OUTSIDE].filter(
    ({ heldBy }) => heldBy === undefined || heldBy.some((name) => can[name]),
  );
  const mounts = [...sandbox.tmp(2 ** 20), '--remount-ro', '/'];
  const command = ['/bin/sh', '-c', attemptsScript(attempts), 'sh', outside];
  const { stdout, said } = await runInside(sandbox, mounts, command);
  const worked = workedOf(attempts, stdout);
  if (worked === undefined) throw new Error(`it could not be tried: ${said}`);
  return { tried: attempts.map(({ what }) => what), worked };
}
