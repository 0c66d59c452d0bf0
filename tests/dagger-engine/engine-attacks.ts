import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttackRecord, StageInvocation } from '../../src/executor/ports.ts';
import { createDaggerRuntime } from '../../src/executor/runtimes/dagger/dagger-runtime.ts';
import type { Attack, AttackOutcome } from '../support/attack-rig.ts';
import { GREEDY } from '../support/greedy-attacks.ts';
import { invocationOf, removeInvocations, script } from '../support/invocation.ts';
import { openDoors } from '../support/machine-doors.ts';
import { ATTACKS } from '../support/sandbox-attacks.ts';
import type { RealEngine } from './real-engine.ts';

/** Where a scanner is on an engine: in the base image, or in an image of its own, which the base image's programs shut in. */
export const PLACES = ['engine', 'image'] as const;
export type Place = (typeof PLACES)[number];

/** Without the one that looks for folders of the machine by names that an image has, too. */
export const ENGINE_ATTACKS = ATTACKS.filter(([name]) => name !== 'see homes and what runs keep');

/** On an engine /tmp is on its disk: what is taken there counts as files. */
export const ENGINE_GREEDY = GREEDY.filter(([name]) => name !== 'memory in /tmp');

/** How many small attacks are sent at a time. */
export const TOGETHER = 8;

export interface EngineRun {
  readonly outcomes: readonly Pick<AttackOutcome, 'execution' | 'stdout'>[];
  readonly attacks: AttackRecord | undefined;
}

/** Runs attacks in stages of a real engine, in one session; `together`: so many are sent at a time. */
export async function runEngineAttacks(
  { env, images }: RealEngine,
  place: Place,
  attacks: readonly Attack[],
  together = 1,
): Promise<EngineRun> {
  const runtime = createDaggerRuntime({ env, workspace: null, baseImage: images.debian });
  const home = mkdtempSync(join(tmpdir(), 'secplan-attack-'));
  const doors = await openDoors(home);
  const words: Readonly<Record<string, string>> = { ...doors.words, PID: String(process.pid) };
  // The same image under another name: no name is the base image's but its own.
  const image = images.debian.replace(/@.*/, ':test');

  async function outcomeOf(attack: Attack): Promise<EngineRun['outcomes'][number]> {
    const text = attack.text.replace(/@([A-Z0-9]+)@/g, (all, word: string) => words[word] ?? all);
    const invocation = invocationFor({ ...attack, text });
    const tool = { ...invocation.tool, executable: 'sh', image };
    const execution = await runtime.execute(place === 'engine' ? invocation : { ...invocation, tool });
    return { execution, stdout: logOf(invocation) };
  }

  try {
    const outcomes: EngineRun['outcomes'][number][] = [];
    for (let at = 0; at < attacks.length; at += together) {
      outcomes.push(...(await Promise.all(attacks.slice(at, at + together).map(outcomeOf))));
      removeInvocations();
    }
    return { outcomes, attacks: runtime.attacks };
  } finally {
    await runtime.close();
    await doors.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function invocationFor(attack: Attack): StageInvocation {
  const { text, memoryMb = 500, timeoutMs = 60_000, steps = 1, privileges = [], limits = {} } = attack;
  // Different each time, so that nothing comes out of the engine's cache.
  const first = script(`: ${crypto.randomUUID()}; ${text}`);
  const rest = Array.from({ length: steps - 1 }, (_, n) => script('true', { id: `s${n + 1}` }));
  const stage = { resources: { cpus: 1, memoryMb, ...limits }, timeoutMs, privileges };
  return invocationOf({ steps: [first, ...rest], stage });
}

function logOf({ logDir }: StageInvocation): string {
  try {
    return readFileSync(join(logDir, 'scan.stdout'), 'utf8');
  } catch {
    return '';
  }
}
