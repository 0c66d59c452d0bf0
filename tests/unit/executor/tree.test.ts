import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBlobStore } from '../../../src/executor/cache/blob-store.ts';
import { readTree, storeTree } from '../../../src/executor/cache/tree.ts';
import { stage as grypeDb } from '../../../src/stages/grype-db/stage.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-tree-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The list of a Grype database that was fetched at some time. */
async function fetchedAt(time: string, without?: readonly string[]): Promise<string | undefined> {
  const folder = join(root, time);
  mkdirSync(join(folder, '6'), { recursive: true });
  for (const name of ['import.json', 'vulnerability.db']) writeFileSync(join(folder, '6', name), name);
  writeFileSync(join(folder, '6/last_update_check'), time);
  return storeTree(openBlobStore(join(root, 'blobs')), folder, without);
}

test('one database fetched twice is one tree: the time of its update is not kept', async () => {
  const without = grypeDb.outputs.find(({ tree }) => tree)?.without;
  const [one, two] = [await fetchedAt('2026-01-01', without), await fetchedAt('2026-01-02', without)];
  expect(one).toBe(two);
  expect(readTree(one ?? '')?.files.map(({ path }) => path)).toEqual(['6/import.json', '6/vulnerability.db']);
  // With it they are two.
  expect(await fetchedAt('2026-01-03')).not.toBe(await fetchedAt('2026-01-04'));
});
