import type { Digest } from '../core/ids.ts';
import type { BaselineEntry, Formerly } from './baseline.ts';
import type { ExploitedFacts } from './exploited.ts';
import type { SinceFacts } from './since.ts';
import type { OwnProduct, VexDocument } from './vex.ts';

/**
 * gate-facts.json: what the gate knew besides the policy and the findings, so that a bundle can be gated again
 * without the workspace. Absent from a bundle whose policy needs none of it.
 */
export interface GateFacts {
  readonly schema: 'https://secplan.dev/schema/gate-facts/v1';
  /** Null where the policy names none, or the one that it names is not there yet. */
  readonly baseline: BaselineFacts | null;
  /** Of `--changed-since`. */
  readonly since: SinceFacts | null;
  readonly vex: readonly VexDocument[];
  /** What was scanned, as VEX statements may name it; absent where there is none, or no VEX document. */
  readonly products?: readonly OwnProduct[];
  readonly exploited: ExploitedFacts | null;
  /** Of findings in moved files the fingerprint at their former path, by today's; absent where nothing moved. */
  readonly formerly?: Formerly;
}

export interface BaselineFacts {
  readonly path: string;
  readonly digest: Digest;
  readonly findings: readonly BaselineEntry[];
}

export const NO_FACTS: GateFacts = {
  schema: 'https://secplan.dev/schema/gate-facts/v1',
  baseline: null,
  since: null,
  vex: [],
  exploited: null,
};

/** Whether it has any fact at all. */
export function hasFacts({ baseline, since, vex, exploited }: GateFacts): boolean {
  return baseline !== null || since !== null || vex.length > 0 || exploited !== null;
}
