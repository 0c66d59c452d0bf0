import { type Outcome, success } from '../../../core/outcome.ts';
import type { HandedOn } from '../../deliver/hand-on-bundle.ts';
import { receiverStages } from '../../plan-facts/plan-facts.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Gated } from './gate.ts';
import type { Planned } from './plan.ts';
import type { Sealed } from './seal.ts';
import type { Secrets } from './secrets.ts';
import type { Workspace } from './workspace.ts';

export interface Delivered {
  readonly handedOn: HandedOn;
  /** Stopped from outside before everything was sent: the bundle is there, and can be sent later. */
  readonly deliveryInterrupted: boolean;
}

const NOTHING: HandedOn = { reports: [], diagnostics: [] };

/** Delivers the bundle and sends the notifications that the plan asks for. The verdict stays as it is. */
export async function deliver({
  env,
  options,
  signal,
  now,
  log,
  prepared,
  secrets,
  redactor,
  inventory,
  totalMs,
  bundleDir,
}: ScanStart & Planned & Secrets & Workspace & Gated & Sealed): Promise<Outcome<Delivered>> {
  const stages = receiverStages(prepared.plan);
  if (stages.length === 0) return success({ handedOn: NOTHING, deliveryInterrupted: false });
  // HTTP is loaded by a run that sends something, and by no other.
  const { gitFacts } = await import('../../git/git-facts.ts');
  const { handOnBundle } = await import('../../deliver/hand-on-bundle.ts');
  const git = await gitFacts(prepared.workspace, inventory.git?.sha ?? null, env);
  const { offline } = options;
  const request = { bundleDir, stages, secrets, redactor, git, offline, signal, now };
  let handedOn: HandedOn;
  try {
    handedOn = await handOnBundle(request);
  } catch (error) {
    if (signal.aborted) return success({ handedOn: NOTHING, deliveryInterrupted: true });
    throw error;
  }
  for (const diagnostic of handedOn.diagnostics) log.onEvent({ type: 'diagnostic', at: totalMs, diagnostic });
  return success({ handedOn, deliveryInterrupted: false });
}
