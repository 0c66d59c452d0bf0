import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttackRecord, StageInvocation } from '../../src/executor/ports.ts';
import { createDaggerRuntime } from '../../src/executor/runtimes/dagger/dagger-runtime.ts';
import type { Attack, AttackOutcome } from '../support/attack-rig.ts';
import { GREEDY } from '../support/greedy-attacks.ts';
import { invocationOf, removeInvocations, script } from '../support/invocation.ts';
import type { RealEngine } from './real-engine.ts';

/** Where a scanner is on an engine: in the base image, or in an image of its own, which the base image's programs shut in. */
export const PLACES = ['engine', 'image'] as const;
export type Place = (typeof PLACES)[number];

/** On an engine /tmp is on its disk: what is taken there counts as files. */
export const ENGINE_GREEDY = GREEDY.filter(([name]) => name !== 'memory in /tmp');

export interface EngineRun {
  readonly outcomes: readonly Pick<AttackOutcome, 'execution' | 'stdout'>[];
  readonly attacks: AttackRecord | undefined;
}

/** Runs attacks in stages of a real engine, one after the other, in one session. */
export async function runEngineAttacks(
  { env, images }: RealEngine,
  place: Place,
  attacks: readonly Attack[],
): Promise<EngineRun> {
  const runtime = createDaggerRuntime({ env, workspace: null, baseImage: images.debian });
  const outcomes: EngineRun['outcomes'][number][] = [];
  try {
    for (const attack of attacks) {
      const invocation = invocationFor(attack);
      const { tool } = invocation;
      // The same image under another name: no name is the base image's but its own.
      const image = images.debian.replace(/@.*/, ':test');
      const own =
        place === 'engine' ? invocation : { ...invocation, tool: { ...tool, executable: 'sh', image } };
      const execution = await runtime.execute(own);
      outcomes.push({ execution, stdout: logOf(invocation) });
      removeInvocations();
    }
    return { outcomes, attacks: runtime.attacks };
  } finally {
    await runtime.close();
  }
}

function invocationFor(attack: Attack): StageInvocation {
  const { text, memoryMb = 500, timeoutMs = 60_000, steps = 1, privileges = [] } = attack;
  // Different each time, so that nothing comes out of the engine's cache.
  const first = script(`: ${crypto.randomUUID()}; ${text}`);
  const rest = Array.from({ length: steps - 1 }, (_, n) => script('true', { id: `s${n + 1}` }));
  const stage = { resources: { cpus: 1, memoryMb }, timeoutMs, privileges };
  return invocationOf({ steps: [first, ...rest], stage });
}

function logOf({ logDir }: StageInvocation): string {
  try {
    return readFileSync(join(logDir, 'scan.stdout'), 'utf8');
  } catch {
    return '';
  }
}
