import { join } from 'node:path';
import type { Digest } from '../../core/ids.ts';
import type { CacheSeal } from './cache-seal.ts';
import { readSealedJson, writeSealedJson } from './sealed-json.ts';

/** How long stages took, for the schedule. Never in a key; losing it costs time only. */
export interface Durations {
  /** Wall time of the last runs, smoothed, in milliseconds; undefined when never measured. */
  of(definition: Digest, workspace: string): number | undefined;
  record(definition: Digest, workspace: string, wallMs: number): void;
  /** Writes what was recorded, merged with what other runs wrote meanwhile. Rejects with the file system's error. */
  flush(): Promise<void>;
}

const KEPT_AT_MOST = 5000;
/** Weight of the newest measurement. */
const NEWEST = 0.5;

export async function openDurations(dir: string, seal: CacheSeal): Promise<Durations> {
  const file = join(dir, 'durations.json');
  const known = await load(file, seal);
  const fresh = new Map<string, number>();
  return {
    of: (definition, workspace) =>
      fresh.get(`${workspace} ${definition}`) ?? known.get(`${workspace} ${definition}`),
    record(definition, workspace, wallMs) {
      if (!Number.isFinite(wallMs) || wallMs < 0) return;
      const name = `${workspace} ${definition}`;
      const before = fresh.get(name) ?? known.get(name) ?? wallMs;
      fresh.set(name, Math.round(NEWEST * wallMs + (1 - NEWEST) * before));
    },
    async flush() {
      if (fresh.size === 0) return;
      const merged = await load(file, seal);
      for (const [name, ms] of fresh) {
        // Re-inserted, so that the oldest come first and go first.
        merged.delete(name);
        merged.set(name, ms);
      }
      await writeSealedJson(file, [...merged].slice(-KEPT_AT_MOST), seal);
    },
  };
}

async function load(file: string, seal: CacheSeal): Promise<Map<string, number>> {
  const value = await readSealedJson(file, seal);
  if (!Array.isArray(value)) return new Map();
  return new Map(
    value.filter(
      (e): e is [string, number] => Array.isArray(e) && typeof e[0] === 'string' && typeof e[1] === 'number',
    ),
  );
}
