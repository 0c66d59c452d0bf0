import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageId } from '../../core/ids.ts';
import type { ActionCache, ActionRecord } from '../ports.ts';
import { blobPath } from './blob-store.ts';
import type { CacheSeal } from './cache-seal.ts';
import { readSealedJson, writeSealedJson } from './sealed-json.ts';

const SCHEMA: ActionRecord['schema'] = 'https://secplan.dev/schema/action/v1';

/**
 * Finished stages by key in `<dir>/actions`, and each workspace's newest record of a stage in `<dir>/latest`.
 * A record that is damaged, of another version or under another key is dropped and reads as a miss.
 * @param workspace what tells workspaces apart, for example `workspaceName(root)`
 */
export function openActionCache(dir: string, workspace: string, seal: CacheSeal): ActionCache {
  const latestFile = (stage: StageId): string =>
    join(dir, 'latest', workspace, `${encodeURIComponent(stage)}.json`);
  return {
    async get(key) {
      const path = blobPath(join(dir, 'actions'), key);
      const record = await readSealedJson(path, seal);
      if (record === undefined) return undefined;
      if (isActionRecord(record) && record.key === key) return record;
      await rm(path, { force: true });
      return undefined;
    },
    async put(record) {
      await writeSealedJson(blobPath(join(dir, 'actions'), record.key), record, seal);
      await writeSealedJson(latestFile(record.stage), record, seal);
    },
    async latest(stage) {
      const record = await readSealedJson(latestFile(stage), seal);
      return isActionRecord(record) && record.stage === stage ? record : undefined;
    },
  };
}

/** The seal vouches for the members; only the version has to be asked for. */
function isActionRecord(value: unknown): value is ActionRecord {
  return typeof value === 'object' && value !== null && (value as { schema?: unknown }).schema === SCHEMA;
}
