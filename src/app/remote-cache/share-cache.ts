import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { Caches } from '../../executor/cache/open-caches.ts';
import { systemClock } from '../../io/clock.ts';
import type { OpenRemoteCache } from './open-remote-cache.ts';

/** The caches of a run, with the shared one behind them where there is one. */
export interface SharedCaches {
  readonly caches: Caches;
  /** Puts there what the run made, within the shared cache's own time. */
  flush(): Promise<void>;
  close(): void;
}

export interface CachesToShare {
  readonly caches: Caches;
  /** Null where the plan has none, or it is left out. */
  readonly remoteCache: OpenRemoteCache | null;
  readonly redactor: PublishRedactor;
}

/** Puts the shared cache behind the machine's own; what it refuses (SP5080) or cannot do (SP5081) is reported. */
export async function shareCache(
  { caches, remoteCache, redactor }: CachesToShare,
  tell: (item: Diagnostic) => void,
): Promise<SharedCaches> {
  if (remoteCache === null) return { caches, flush: async () => undefined, close: () => undefined };
  const { withRemote } = await import('../../executor/cache/remote/with-remote.ts');
  const { shares, ...remote } = remoteCache;
  const pointer = '/cache/remote';
  const { actions, flush } = withRemote(caches.actions, caches.blobs, {
    ...remote,
    clock: systemClock,
    redactor,
    shares: (stage) => shares.has(stage),
    refused: (name, why) => {
      const summary = `${name} of the shared cache is refused: ${why}`;
      const help = 'It counts as a cache miss. Find out who wrote it, then delete it.';
      tell(diagnostic('SP5080', summary, { pointer, help }));
    },
    lost: (why) => {
      const summary = `the shared cache is no longer used in this run: ${redactor.text(why)}`;
      tell(diagnostic('SP5081', summary, { pointer }));
    },
  });
  return { caches: { ...caches, actions }, flush, close: () => remote.store.close() };
}
