import type { ToolStage } from '../../../planner/ir/ir.ts';
import type { AttackRecord } from '../../ports.ts';
import { notEnforcedWith } from '../shared/granted-calls.ts';
import type { ImageFacts } from './image-ability.ts';

const NO_CPU_LIMIT = 'CPU share: `resources.cpus` only affects scheduling';
const BY_POLLING = 'memory limit by polling inside the container, not by cgroup';
const UNSUPERVISED =
  'time, memory, processes and file sizes, and the end of an interrupted step: the image has no shell and coreutils';
const ONE_USER = "user: to the kernel every scanner is user 1000 of the engine's machine";
const NOT_ENCLOSED =
  "sandbox: the engine or the base image does not let a scanner be shut in; it has what the engine's containers have";
const UNTRIED = 'sandbox: nothing was tried from inside, as the image has no shell';
const NETWORK = 'network: the engine or the image cannot disable it';
const OFFLINE = 'offline: the engine downloads images that it does not have';
const STACK = 'network: a stage that talks to the stack can reach other hosts too';
const EGRESS = 'network: egress is not limited to the hosts that were declared';

/** What no engine enforces, whatever it allows. */
export function onEveryEngine(offline: boolean): readonly string[] {
  return [NO_CPU_LIMIT, ...(offline ? [OFFLINE] : [])];
}

/** What an image and its engine do not enforce for a stage, as it was seen. */
export function notEnforcedFor(
  { enclosure, attacks, supervise }: Pick<ImageFacts, 'enclosure' | 'attacks' | 'supervise'>,
  { network, privileges = [] }: Pick<ToolStage, 'network' | 'privileges'>,
): readonly string[] {
  return [
    supervise ? BY_POLLING : UNSUPERVISED,
    ONE_USER,
    ...(enclosure === undefined ? [NOT_ENCLOSED] : notEnforcedWith(privileges)),
    ...(attacks === undefined ? [UNTRIED] : attacks.worked.map((what) => `sandbox: a scanner can ${what}`)),
    ...(network === 'none' && enclosure === undefined ? [NETWORK] : []),
    ...(typeof network === 'object' ? [EGRESS] : []),
    ...(network === 'stack' ? [STACK] : []),
  ];
}

/** What an engine that allows all it is asked for does not enforce for these stages: what can be said before there is one. */
export function neverEnforced(
  stages: readonly Pick<ToolStage, 'network' | 'privileges'>[],
): readonly string[] {
  const best = { enclosure: { arch: 'x64' }, attacks: { tried: [], worked: [] }, supervise: true } as const;
  const all = [...onEveryEngine(false), ...stages.flatMap((stage) => notEnforcedFor(best, stage))];
  return [...new Set(all)].sort();
}

/** What was tried in one image or the other, and what worked in any. */
export function together(
  one: AttackRecord | undefined,
  other: AttackRecord | undefined,
): AttackRecord | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const both = (name: keyof AttackRecord) => [...new Set([...one[name], ...other[name]])];
  return { tried: both('tried'), worked: both('worked') };
}
