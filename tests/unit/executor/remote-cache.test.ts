import { createPublicKey } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import { type Digest, digest, stageId } from '../../../src/core/ids.ts';
import { createPublishRedactor, type PublishRedactor } from '../../../src/core/redaction/redactor.ts';
import { openActionCache } from '../../../src/executor/cache/action-cache.ts';
import { openBlobStore } from '../../../src/executor/cache/blob-store.ts';
import { cacheSeal } from '../../../src/executor/cache/cache-seal.ts';
import { folderStore } from '../../../src/executor/cache/remote/folder-store.ts';
import type { RemoteStore } from '../../../src/executor/cache/remote/remote-store.ts';
import { openEntry, signedEntry } from '../../../src/executor/cache/remote/signed-entry.ts';
import { withRemote } from '../../../src/executor/cache/remote/with-remote.ts';
import type { ActionRecord } from '../../../src/executor/ports.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { keyPair } from '../../support/signed-world.ts';

const SEAL = cacheSeal('of the tests');

let root: string;
let warnings: string[];
let clock: ReturnType<typeof manualClock>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-remote-'));
  mkdirSync(shared());
  warnings = [];
  clock = manualClock();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const mine = keyPair();
const theirs = keyPair('ed25519');
const KEY = digest(`sha256:${'1'.repeat(64)}`);
const STAGE = stageId('one');
const shared = () => join(root, 'shared');

/** A machine with its own cache. What it put is not shared before `flush`. */
function machine(
  name: string,
  over: { store?: RemoteStore; readOnly?: boolean; key?: typeof mine; redactor?: PublishRedactor } = {},
) {
  const blobs = openBlobStore(join(root, name, 'blobs'));
  const local = openActionCache(join(root, name), 'w', SEAL);
  const { actions, flush } = withRemote(local, blobs, {
    store: over.store ?? folderStore(shared()),
    trusted: [createPublicKey(mine.pub)],
    key: over.readOnly ? null : (over.key ?? mine).privateKey,
    timeoutMs: 20_000,
    clock,
    redactor: over.redactor ?? createPublishRedactor([]),
    shares: (stage) => stage !== 'private',
    refused: (entry, why) => warnings.push(`${entry} was refused: ${why}`),
    lost: (why) => warnings.push(`the remote cache cannot be used: ${why}`),
  });
  const put = async (record: ActionRecord): Promise<void> => {
    await actions.put(record);
    await flush();
  };
  return { blobs, local, actions, flush, put, get: () => actions.get(KEY, STAGE) };
}

async function recordOf(
  blobs: { putBytes(bytes: Uint8Array): Promise<Digest> },
  text = 'report',
): Promise<ActionRecord> {
  const bytes = Buffer.from(text);
  return {
    schema: 'https://secplan.dev/schema/action/v1',
    key: KEY,
    stage: STAGE,
    parts: {},
    steps: [],
    sourceRoot: '/s',
    outputs: { report: { digest: await blobs.putBytes(bytes), size: bytes.length } },
  };
}

function sharedFiles(section: string): string[] {
  const folder = join(shared(), section);
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
}

describe('a cache that machines share', () => {
  it('gives one machine what another left, and keeps it', async () => {
    const [a, b] = [machine('a'), machine('b', { readOnly: true })];
    const record = await recordOf(a.blobs);
    await a.put({ ...record, sharedBy: KEY });
    const spki = createPublicKey(mine.pub).export({ type: 'spki', format: 'der' });
    // Whoever fills it cannot say who they are otherwise.
    const taken = { ...record, sharedBy: digestOf(spki) };
    expect(await b.get()).toEqual(taken);
    expect(await b.blobs.read(record.outputs.report?.digest as Digest)).toEqual(Buffer.from('report'));
    rmSync(shared(), { recursive: true });
    expect(await b.get()).toEqual(taken);
    expect(warnings).toEqual([]);
  });

  it.each<[string, (entry: string, blob: string) => void]>([
    [
      'an unsigned entry',
      (entry) => {
        const { payload } = JSON.parse(readFileSync(entry, 'utf8'));
        writeFileSync(entry, Buffer.from(payload, 'base64'));
      },
    ],
    [
      'an entry without signatures',
      (entry) => {
        writeFileSync(entry, JSON.stringify({ ...JSON.parse(readFileSync(entry, 'utf8')), signatures: [] }));
      },
    ],
    [
      'an altered entry',
      (entry) => {
        const envelope = JSON.parse(readFileSync(entry, 'utf8'));
        const record = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
        record.outputs = {};
        envelope.payload = Buffer.from(JSON.stringify(record)).toString('base64');
        writeFileSync(entry, JSON.stringify(envelope));
      },
    ],
    [
      'an entry of another key',
      (entry) => {
        const { payload } = JSON.parse(readFileSync(entry, 'utf8'));
        const record = JSON.parse(Buffer.from(payload, 'base64').toString());
        writeFileSync(entry, signedEntry(record, theirs.privateKey));
      },
    ],
    [
      'a genuine entry of another action',
      (entry) => {
        const { payload } = JSON.parse(readFileSync(entry, 'utf8'));
        const record = JSON.parse(Buffer.from(payload, 'base64').toString());
        writeFileSync(
          entry,
          signedEntry({ ...record, key: digest(`sha256:${'2'.repeat(64)}`) }, mine.privateKey),
        );
      },
    ],
    ['an altered file', (_, blob) => writeFileSync(blob, 'clean!')],
    ['no entry at all', (entry) => writeFileSync(entry, '[[[')],
  ])('takes %s for a miss, and warns', async (_, poison) => {
    const [a, b] = [machine('a'), machine('b')];
    await a.put(await recordOf(a.blobs));
    poison(sharedFiles('actions')[0] ?? '', sharedFiles('blobs')[0] ?? '');
    expect(await b.get()).toBeUndefined();
    expect(await b.local.get(KEY, STAGE)).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('was refused');
  });

  it('takes an entry whose files are gone, a link or nothing for a miss', async () => {
    const [a, b] = [machine('a'), machine('b')];
    expect(await b.get()).toBeUndefined();
    await a.put(await recordOf(a.blobs));
    const [blob = ''] = sharedFiles('blobs');
    rmSync(blob);
    expect(await b.get()).toBeUndefined();
    writeFileSync(join(root, 'elsewhere'), 'report');
    symlinkSync(join(root, 'elsewhere'), blob);
    expect(await b.get()).toBeUndefined();
  });

  it('lets whoever comes first stay', async () => {
    const [a, b] = [machine('a'), machine('b')];
    await a.put(await recordOf(a.blobs));
    const [entry = ''] = sharedFiles('actions');
    const before = readFileSync(entry);
    await b.put(await recordOf(b.blobs, 'another'));
    expect(readFileSync(entry)).toEqual(before);
    expect(sharedFiles('actions')).toEqual([entry]);
  });

  it('is asked no more once it could not be reached, and never fails a run', async () => {
    let asked = 0;
    const away = (): Promise<never> => {
      asked += 1;
      return Promise.reject(new Error('away'));
    };
    const a = machine('a', { store: { get: away, putIfAbsent: away, close: () => undefined } });
    expect(await a.get()).toBeUndefined();
    const record = await recordOf(a.blobs);
    await a.put(record);
    expect(await a.get()).toEqual(record);
    expect([asked, warnings]).toEqual([1, ['the remote cache cannot be used: away']]);
  });

  it('is waited for no longer than its time, for an entry and for all that is put', async () => {
    let ended: AbortSignal | undefined;
    const hang = (signal: AbortSignal): Promise<never> => {
      ended = signal;
      return new Promise(() => undefined);
    };
    const close = () => undefined;
    const slow = machine('a', {
      store: { get: (_, __, signal) => hang(signal), putIfAbsent: hang as never, close },
    });
    const got = slow.get();
    // The local cache is asked first.
    while (ended === undefined) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(20_000);
    expect(await got).toBeUndefined();
    expect([ended?.aborted, warnings]).toEqual([
      true,
      ['the remote cache cannot be used: it took longer than 20 s'],
    ]);

    ended = undefined;
    const full = machine('b', {
      store: { get: async () => undefined, putIfAbsent: (_, __, signal) => hang(signal), close },
    });
    await full.actions.put(await recordOf(full.blobs));
    const flushed = full.flush();
    while (ended === undefined) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(20_000);
    await flushed;
    expect(warnings).toHaveLength(2);
  });

  it('is asked for nothing and given nothing of a stage that is not shared', async () => {
    const a = machine('a');
    await a.put({ ...(await recordOf(a.blobs)), stage: stageId('private') });
    expect(readdirSync(shared())).toEqual([]);
    const b = machine('b');
    await b.put(await recordOf(b.blobs));
    expect(await machine('c').actions.get(KEY, stageId('private'))).toBeUndefined();
    expect(await machine('c').get()).toBeDefined();
  });

  it('is given nothing that holds a secret which was found, and no list of files', async () => {
    const redactor = createPublishRedactor([]);
    const a = machine('a', { redactor });
    await a.actions.put(await recordOf(a.blobs, 'password = "correct-horse-7"'));
    // A secret scanner ends after it.
    redactor.learn(['correct-horse-7']);
    await a.flush();
    expect(readdirSync(shared())).toEqual([]);
    const listed = { ...(await recordOf(a.blobs)), inputList: await a.blobs.putBytes(Buffer.from('a.py')) };
    await a.put(listed);
    const { inputList: _, ...rest } = listed;
    expect(await machine('b').get()).toEqual({ ...rest, sharedBy: expect.stringMatching(/^sha256:/) });
    expect(sharedFiles('blobs')).toHaveLength(1);
  });

  it('gives no file that is larger than its entry says, and takes none that is too large', async () => {
    const [a, b] = [machine('a'), machine('b')];
    const record = await recordOf(a.blobs);
    await a.put(record);
    writeFileSync(sharedFiles('blobs')[0] ?? '', Buffer.alloc(2 ** 20));
    expect(await b.get()).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/^blobs\/.*the file does not match its digest in the entry$/),
    ]);
    rmSync(shared(), { recursive: true });
    mkdirSync(shared());
    const { digest: of } = record.outputs.report ?? { digest: KEY };
    await a.put({ ...record, outputs: { report: { digest: of, size: 2 ** 30 } } });
    expect(readdirSync(shared())).toEqual([]);
  });

  it('is not made anew where its folder is gone', async () => {
    rmSync(shared(), { recursive: true });
    const a = machine('a');
    await a.put(await recordOf(a.blobs));
    expect(readdirSync(root)).not.toContain('shared');
    expect(warnings).toEqual([`the remote cache cannot be used: ${shared()} is not a folder`]);
  });

  it('signs for one key only', async () => {
    const record = await recordOf(machine('a').blobs);
    const text = signedEntry(record, theirs.privateKey);
    expect(openEntry(text, KEY, [createPublicKey(theirs.pub)])).toEqual({
      ok: true,
      record: { ...record, sharedBy: expect.stringMatching(/^sha256:/) },
    });
    expect(openEntry(text, KEY, [createPublicKey(mine.pub)])).toMatchObject({ ok: false });
    expect(openEntry(text, KEY, [])).toMatchObject({ ok: false });
  });
});
