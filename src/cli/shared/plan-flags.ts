import type { PlanRequest } from '../../compiler/model/plan-request.ts';
import type { Flags } from './command-spec.ts';

/** Flags by the parser's names: all of a request's but the manifest's path, which the parser calls `manifest`. */
type PlanFlags = Omit<PlanRequest, 'manifestPath'> & { readonly manifest?: string };

/** What the flags of a command ask of a manifest. `named` is a manifest given as an argument: it wins. */
export function planFlags(flags: Flags, named?: unknown): PlanRequest {
  const given = flags as PlanFlags;
  return {
    manifestPath: typeof named === 'string' ? named : given.manifest,
    workspace: given.workspace,
    profile: given.profile,
    runtime: given.runtime,
    only: given.only,
    skip: given.skip,
    policy: given.policy,
    trusted: given.trusted,
    requiresStack: given.requiresStack,
    stackBaseUrl: given.stackBaseUrl,
  };
}
