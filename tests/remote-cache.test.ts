import { createPublicKey } from 'node:crypto';
import {
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
import { type Digest, digest, stageId } from '../src/core/ids.ts';
import { openActionCache } from '../src/executor/caches/action-cache.ts';
import { openBlobStore } from '../src/executor/caches/blob-store.ts';
import { folderStore } from '../src/executor/caches/remote/folder-store.ts';
import type { RemoteStore } from '../src/executor/caches/remote/remote-store.ts';
import { openEntry, signedEntry } from '../src/executor/caches/remote/signed-entry.ts';
import { withRemote } from '../src/executor/caches/remote/with-remote.ts';
import type { ActionRecord } from '../src/executor/ports.ts';
import { keyPair } from './rig/signed-world.ts';

let root: string;
let warnings: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-remote-'));
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const mine = keyPair();
const theirs = keyPair('ed25519');
const KEY = digest(`sha256:${'1'.repeat(64)}`);
const shared = () => join(root, 'shared');

/** A machine with a cache of its own. */
function machine(name: string, over: { store?: RemoteStore; readOnly?: boolean; key?: typeof mine } = {}) {
  const blobs = openBlobStore(join(root, name, 'blobs'));
  const local = openActionCache(join(root, name), 'w');
  const actions = withRemote(local, blobs, {
    store: over.store ?? folderStore(shared()),
    trusted: [createPublicKey(mine.pub)],
    key: over.readOnly ? null : (over.key ?? mine).privateKey,
    warn: (text) => warnings.push(text),
  });
  return { blobs, local, actions };
}

async function recordOf(
  blobs: { putBytes(bytes: Uint8Array): Promise<Digest> },
  text = 'report',
): Promise<ActionRecord> {
  const bytes = Buffer.from(text);
  return {
    schema: 'https://secplan.dev/schema/action/v1',
    key: KEY,
    stage: stageId('one'),
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
    await a.actions.put(record);
    expect(await b.actions.get(KEY)).toEqual(record);
    expect(await b.blobs.read(record.outputs.report?.digest as Digest)).toEqual(Buffer.from('report'));
    rmSync(shared(), { recursive: true });
    expect(await b.actions.get(KEY)).toEqual(record);
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
    await a.actions.put(await recordOf(a.blobs));
    poison(sharedFiles('actions')[0] ?? '', sharedFiles('blobs')[0] ?? '');
    expect(await b.actions.get(KEY)).toBeUndefined();
    expect(await b.local.get(KEY)).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('was refused');
  });

  it('takes an entry whose files are gone, a link or nothing for a miss', async () => {
    const [a, b] = [machine('a'), machine('b')];
    expect(await b.actions.get(KEY)).toBeUndefined();
    await a.actions.put(await recordOf(a.blobs));
    const [blob = ''] = sharedFiles('blobs');
    rmSync(blob);
    expect(await b.actions.get(KEY)).toBeUndefined();
    writeFileSync(join(root, 'elsewhere'), 'report');
    symlinkSync(join(root, 'elsewhere'), blob);
    expect(await b.actions.get(KEY)).toBeUndefined();
  });

  it('lets whoever comes first stay', async () => {
    const [a, b] = [machine('a'), machine('b')];
    await a.actions.put(await recordOf(a.blobs));
    const [entry = ''] = sharedFiles('actions');
    const before = readFileSync(entry);
    await b.actions.put(await recordOf(b.blobs, 'another'));
    expect(readFileSync(entry)).toEqual(before);
    expect(sharedFiles('actions')).toEqual([entry]);
  });

  it('never fails a run when it cannot be reached', async () => {
    const broken = {
      get: () => Promise.reject(new Error('away')),
      putIfAbsent: () => Promise.reject(new Error('away')),
    };
    const a = machine('a', { store: broken });
    expect(await a.actions.get(KEY)).toBeUndefined();
    const record = await recordOf(a.blobs);
    await a.actions.put(record);
    expect(await a.actions.get(KEY)).toEqual(record);
    expect(warnings).toEqual(Array(2).fill('the remote cache cannot be used: away'));
  });

  it('signs for one key only', async () => {
    const record = await recordOf(machine('a').blobs);
    const text = signedEntry(record, theirs.privateKey);
    expect(openEntry(text, KEY, [createPublicKey(theirs.pub)])).toEqual({ ok: true, record });
    expect(openEntry(text, KEY, [createPublicKey(mine.pub)])).toMatchObject({ ok: false });
    expect(openEntry(text, KEY, [])).toMatchObject({ ok: false });
  });
});
