import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import { type Digest, stageId } from '../../../src/core/ids.ts';
import { openActionCache } from '../../../src/executor/cache/action-cache.ts';
import { blobPath, openBlobStore } from '../../../src/executor/cache/blob-store.ts';
import { cacheStats, pruneCache, verifyCache } from '../../../src/executor/cache/cache-admin.ts';
import { cacheSeal } from '../../../src/executor/cache/cache-seal.ts';
import { cacheDir, openCaches, workspaceName } from '../../../src/executor/cache/open-caches.ts';
import { materialize } from '../../../src/executor/engine/input-view.ts';
import { selectInput } from '../../../src/executor/inventory/select-input.ts';
import { takeInventory } from '../../../src/executor/inventory/take-inventory.ts';
import type { ActionRecord } from '../../../src/executor/ports.ts';
import { storageFailure } from '../../../src/io/storage-failure.ts';

const SEAL = cacheSeal('of the tests');

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secplan-caches-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const stage = stageId('bandit');

function record(name: string, outputs: ActionRecord['outputs'] = {}): ActionRecord {
  const parts = { tool: digestOf('t') };
  return {
    schema: 'https://secplan.dev/schema/action/v1',
    key: digestOf(name),
    stage,
    parts,
    steps: [{ step: 'scan', exitCode: 1, wallMs: 12.5, maxRssBytes: null }],
    sourceRoot: '/src',
    outputs,
  };
}

async function open() {
  const outcome = await openCaches(dir, dir, SEAL);
  if (!outcome.ok) throw new Error('not ok');
  return outcome.value;
}

describe('blob store', () => {
  test('keeps bytes and files by their sha256, readable by the owner alone', async () => {
    const store = openBlobStore(join(dir, 'blobs'));
    const of = await store.putBytes(Buffer.from('hello'));
    writeFileSync(join(dir, 'file'), Buffer.alloc(3 * 2 ** 20, 7));
    const file = await store.putFile(join(dir, 'file'));
    expect(of).toBe(digestOf('hello'));
    expect(file).toEqual({ digest: digestOf(Buffer.alloc(3 * 2 ** 20, 7)), size: 3 * 2 ** 20 });
    expect(Buffer.from((await store.read(of)) ?? []).toString()).toBe('hello');
    expect(await store.has(of)).toBe(true);
    expect(await store.has(digestOf('other'))).toBe(false);
    expect(await store.read(digestOf('other'))).toBeUndefined();
    for (const each of [of, file.digest]) {
      const path = blobPath(join(dir, 'blobs'), each);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(join(dir, 'blobs')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a damaged blob is dropped, and written anew', async () => {
    const store = openBlobStore(join(dir, 'blobs'));
    const of = await store.putBytes(Buffer.from('hello'));
    writeFileSync(blobPath(join(dir, 'blobs'), of), 'hellO');
    expect(await store.read(of)).toBeUndefined();
    expect(await store.has(of)).toBe(false);
    writeFileSync(blobPath(join(dir, 'blobs'), of), '');
    await store.putBytes(Buffer.from('hello'));
    expect(await store.read(of)).toBeDefined();
  });

  test('a file that cannot be read rejects and leaves nothing', async () => {
    const store = openBlobStore(join(dir, 'blobs'));
    await expect(store.putFile(join(dir, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(join(dir, 'blobs'))).toEqual([]);
  });
});

describe('action cache', () => {
  test('gives back what was put, and the newest of a stage in its own workspace only', async () => {
    const actions = openActionCache(dir, 'one', SEAL);
    await actions.put(record('a'));
    await actions.put(record('b'));
    expect(await actions.get(digestOf('a'), stage)).toEqual(record('a'));
    expect(await actions.latest(stage)).toEqual(record('b'));
    expect(await openActionCache(dir, 'two', SEAL).latest(stage)).toBeUndefined();
    expect(await actions.latest(stageId('bandit', 'x'))).toBeUndefined();
    expect(await actions.get(digestOf('none'), stage)).toBeUndefined();
  });

  test('every flipped byte and every cut of a record is a miss and drops it', async () => {
    const actions = openActionCache(dir, 'w', SEAL);
    const path = blobPath(join(dir, 'actions'), digestOf('a'));
    await actions.put(record('a'));
    const whole = readFileSync(path);
    const damaged = [...whole.keys()].map((at) => {
      const copy = Buffer.from(whole);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    for (const bytes of [...damaged, whole.subarray(0, -1), whole.subarray(0, 70), Buffer.alloc(0)]) {
      writeFileSync(path, bytes);
      expect(await actions.get(digestOf('a'), stage)).toBeUndefined();
      expect(existsSync(path)).toBe(false);
    }
  });

  test('a whole record under the wrong key is a miss', async () => {
    const actions = openActionCache(dir, 'w', SEAL);
    await actions.put(record('a'));
    await actions.put(record('b'));
    writeFileSync(
      blobPath(join(dir, 'actions'), digestOf('a')),
      readFileSync(blobPath(join(dir, 'actions'), digestOf('b'))),
    );
    expect(await actions.get(digestOf('a'), stage)).toBeUndefined();
  });
});

describe('parsed results and durations', () => {
  test('parsed results are found by all that decides them', async () => {
    const { parsed } = await open();
    const key = {
      outputs: { report: digestOf('r') },
      exits: { scan: 1 },
      definitionDigest: digestOf('d'),
      options: { level: 'low' },
      filesGiven: 3,
      sourceRoot: '/src',
    };
    await parsed.put(key, { findings: [1] });
    expect(await parsed.get(structuredClone(key))).toEqual({ findings: [1] });
    for (const other of [
      { outputs: { report: digestOf('x') } },
      { exits: { scan: 0 } },
      { definitionDigest: digestOf('x') },
      { options: {} },
      { filesGiven: 4 },
      { sourceRoot: '/w' },
    ])
      expect(await parsed.get({ ...key, ...other })).toBeUndefined();
  });

  test('durations are smoothed, merged with other runs, and a damaged file is forgotten', async () => {
    const definition = digestOf('bandit');
    const [one, two] = [(await open()).durations, (await open()).durations];
    one.record(definition, 'w', 1000);
    one.record(definition, 'w', 2000);
    one.record(definition, 'w', Number.NaN);
    two.record(definition, 'other', 50);
    expect(one.of(definition, 'w')).toBe(1500);
    await one.flush();
    await two.flush();
    const next = (await open()).durations;
    expect([next.of(definition, 'w'), next.of(definition, 'other')]).toEqual([1500, 50]);
    writeFileSync(join(dir, 'durations.json'), '{');
    expect((await open()).durations.of(definition, 'w')).toBeUndefined();
  });
});

describe('administration', () => {
  test('counts, and prunes what was used least recently', async () => {
    const { blobs } = await open();
    const digests: Digest[] = [];
    for (let i = 0; i < 10; i++) {
      const of = await blobs.putBytes(Buffer.alloc(1000, i));
      digests.push(of);
      utimesSync(blobPath(join(dir, 'blobs'), of), 1_600_000_000 + i, 1_600_000_000 + i);
    }
    expect(await cacheStats(dir)).toMatchObject({ bytes: 10_000, entries: 10 });
    // Reading is using: the oldest becomes the newest.
    await blobs.read(digests[0]!);
    expect(await pruneCache(dir, 3500)).toEqual({ removed: 7, freedBytes: 7000, bytes: 3000 });
    const left = await Promise.all(digests.map((of) => blobs.has(of)));
    expect(left).toEqual([true, ...Array(7).fill(false), true, true]);
  });

  test('prune takes away what dead processes left, and nothing that is being written', async () => {
    mkdirSync(join(dir, 'blobs'));
    for (const name of ['old.tmp', 'new.tmp']) writeFileSync(join(dir, 'blobs', name), 'x');
    utimesSync(join(dir, 'blobs', 'old.tmp'), 1_600_000_000, 1_600_000_000);
    await pruneCache(dir, 2 ** 30);
    expect(readdirSync(join(dir, 'blobs'))).toEqual(['new.tmp']);
  });

  test('verify drops what is damaged and keeps the rest', async () => {
    const { blobs, actions } = await open();
    const good = await blobs.putBytes(Buffer.from('good'));
    const bad = await blobs.putBytes(Buffer.from('bad'));
    await actions.put(record('a'));
    writeFileSync(blobPath(join(dir, 'blobs'), bad), 'baD');
    writeFileSync(blobPath(join(dir, 'actions'), digestOf('a')), 'x');
    const { checked, damaged } = await verifyCache(dir, SEAL);
    expect(checked).toBe(4);
    expect(damaged).toHaveLength(2);
    expect([await blobs.has(good), await blobs.has(bad)]).toEqual([true, false]);
    expect((await verifyCache(dir, SEAL)).damaged).toEqual([]);
  });
});

describe('where the cache lies', () => {
  test('SECPLAN_CACHE_DIR, else XDG_CACHE_HOME, which must be absolute, else the home folder', () => {
    expect(cacheDir({ SECPLAN_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
    expect(cacheDir({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'secplan'));
    expect(cacheDir({ XDG_CACHE_HOME: 'x' })).toMatch(/\.cache[\\/]secplan$/);
    expect(workspaceName('/a')).not.toBe(workspaceName('/b'));
  });

  test('one that cannot be written is SP5007', async () => {
    writeFileSync(join(dir, 'file'), '');
    const outcome = await openCaches(join(dir, 'file', 'cache'), dir, SEAL);
    expect(outcome.diagnostics.map((d) => d.code)).toEqual(['SP5007']);
  });
});

test('processes that write the same entries at once corrupt none', async () => {
  const src = fileURLToPath(new URL('../../../src/executor/cache/', import.meta.url));
  const script = `
    import { openCaches } from ${JSON.stringify(`${src}open-caches.ts`)};
    import { cacheSeal } from ${JSON.stringify(`${src}cache-seal.ts`)};
    const { value } = await openCaches(process.argv[1], '/w', cacheSeal('of the tests'));
    const bytes = (n) => Buffer.alloc(50_000, n);
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 20 }, async (_, n) => {
        const digest = await value.blobs.putBytes(bytes(n));
        const read = await value.blobs.read(digest);
        if (read === undefined || !bytes(n).equals(read)) throw new Error('damaged');
        await value.actions.put({ schema: 'https://secplan.dev/schema/action/v1', key: digest, stage: 'bandit', parts: {}, steps: [], sourceRoot: '', outputs: {} });
        if ((await value.actions.get(digest, 'bandit'))?.key !== digest) throw new Error('no record');
        if ((await value.actions.latest('bandit')) === undefined) throw new Error('no latest');
      }));
    value.durations.record('sha256:x', 'w', Number(process.argv[2]));
    await value.durations.flush();`;
  const exits = await Promise.all(
    [1, 2, 3].map(
      (n) =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir, String(n)]);
          let stderr = '';
          child.stderr.on('data', (chunk) => {
            stderr += chunk;
          });
          child.on('close', (code) => resolve(`${code} ${stderr}`));
        }),
    ),
  );
  expect(exits).toEqual(['0 ', '0 ', '0 ']);
  const { checked, damaged } = await verifyCache(dir, SEAL);
  expect(damaged).toEqual([]);
  expect(checked).toBe(41);
  const names = readdirSync(dir, { recursive: true }).map(String);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('errors of the file system are failures of the machine, others are bugs', () => {
  const of = (code: string) => storageFailure(Object.assign(new Error('m'), { code }), 'cache');
  expect(of('ENOSPC')).toEqual({ reason: 'disk-full', detail: 'cache: m' });
  expect(of('EDQUOT')).toMatchObject({ reason: 'disk-full' });
  expect(of('EIO')).toMatchObject({ reason: 'engine' });
  expect(of('ERR_INVALID_ARG_TYPE')).toBeUndefined();
  expect(storageFailure(new TypeError('x'), 'cache')).toBeUndefined();
});

describe('on a full disk', () => {
  let disk = '';
  beforeEach(() => {
    disk = join(dir, 'disk');
    mkdirSync(disk);
  });
  afterEach(() => {
    if (mounted(disk)) execFileSync('umount', [disk]);
  });

  test('writes name the cause and leave nothing half-written', async ({ skip }) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      skip('needs the right to mount');
    }
    const store = openBlobStore(join(disk, 'blobs'));
    const error = await store.putBytes(Buffer.alloc(2 ** 20)).catch((e: unknown) => e);
    expect(storageFailure(error, 'cache')).toMatchObject({ reason: 'disk-full' });
    writeFileSync(join(dir, 'big'), Buffer.alloc(2 ** 20));
    const second = await store.putFile(join(dir, 'big')).catch((e: unknown) => e);
    expect(storageFailure(second, 'cache')).toMatchObject({ reason: 'disk-full' });
    const names = readdirSync(disk, { recursive: true, withFileTypes: true });
    expect(names.filter((entry) => entry.isFile())).toEqual([]);

    mkdirSync(join(dir, 'w'));
    writeFileSync(join(dir, 'w', 'big.py'), Buffer.alloc(2 ** 20));
    const taken = await takeInventory({ root: join(dir, 'w'), indexFile: join(dir, 'i') });
    if (!taken.ok) throw new Error('not ok');
    const input = await selectInput(taken.value, { selection: { include: ['**'] }, excludedByManifest: [] });
    const made = await materialize({ input, inventory: taken.value, dir: join(disk, 'v'), mode: 'link' });
    expect(made).toMatchObject({ ok: false, failure: { reason: 'disk-full' } });
  });
});

function mounted(path: string): boolean {
  return statSync(path).dev !== statSync(join(path, '..')).dev;
}
