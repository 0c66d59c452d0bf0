import { type Outcome, success } from '../../../core/outcome.ts';
import { type SharedCaches, shareCache } from '../../remote-cache/share-cache.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { RemoteCache } from './remote-cache.ts';
import type { Secrets } from './secrets.ts';
import type { Workspace } from './workspace.ts';

export interface SharedCache {
  /** The machine's own caches, with the shared one behind them where there is one. */
  readonly shared: SharedCaches;
}

/** Puts the shared cache behind the machine's own. */
export async function sharedCache({
  log,
  caches,
  remoteCache,
  redactor,
  machine,
}: ScanStart & Secrets & RemoteCache & Workspace): Promise<Outcome<SharedCache>> {
  const shared = await shareCache({ caches, remoteCache, redactor }, log.tell);
  machine.defer(() => shared.close());
  return success({ shared });
}
