import { type Outcome, success } from '../../../core/outcome.ts';
import type { OpenRemoteCache } from '../../remote-cache/open-remote-cache.ts';
import { pullRequestOf } from '../../trust/pull-request.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';
import type { Secrets } from './secrets.ts';

export interface RemoteCache {
  /** Null where the plan has none, or it is left out. */
  readonly remoteCache: OpenRemoteCache | null;
}

/** Reads the keys of the shared cache; nothing is asked of it yet. SP5081, SP5083, SP5084. */
export async function remoteCache({
  env,
  options,
  prepared,
  secrets,
  signal,
}: ScanStart & Planned & Secrets): Promise<Outcome<RemoteCache>> {
  const { plan } = prepared;
  if (plan.remoteCache === undefined) return success({ remoteCache: null });
  // What asks a shared cache, HTTP among it, is loaded by a run that has one.
  const { openRemoteCache } = await import('../../remote-cache/open-remote-cache.ts');
  const underReview = options.trusted === undefined && pullRequestOf(env) !== undefined;
  const opened = openRemoteCache(plan, { secrets, offline: options.offline, underReview, signal });
  return opened.ok ? success({ remoteCache: opened.value }, opened.diagnostics) : opened;
}
