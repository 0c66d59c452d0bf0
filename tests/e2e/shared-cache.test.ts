import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { signedEntry } from '../../src/executor/cache/remote/signed-entry.ts';
import { startCli } from '../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../support/custom-world.ts';
import { s3Reader, s3Server } from '../support/s3-server.ts';
import { keyPair } from '../support/signed-world.ts';

// Two machines, by the command line, over a bucket of a server that nobody of this project wrote.
const server = await s3Server();
afterAll(() => server?.close());

const worlds: CustomWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

const mine = keyPair();
const theirs = keyPair('ed25519');

describe.skipIf(server === undefined)('a cache in a bucket', { timeout: 120_000 }, () => {
  async function bucket() {
    if (server === undefined) throw new Error('no server');
    const name = `results-${randomBytes(6).toString('hex')}`;
    const store = s3Reader(server, name);
    expect((await store.makeBucket()).status).toBe(200);
    const remote = {
      url: `s3://${name}/team a`.replace(' ', '%20'),
      endpoint: server.origin,
      accessKey: 'AK',
      secretKey: 'SK',
      sign: 'KEY',
      allowPrivate: true,
      trust: [mine.pub],
    };
    const { accessKey, secretKey } = server;
    const secrets = { AK: 'env:AK', SK: 'env:SK', KEY: 'env:KEY' };
    /** A machine with nothing but the manifest; `key` is what it signs with, if anything. */
    const machine = (
      key: string,
      over: object = {},
    ): (() => Promise<{ cached: unknown; told: string[] }>) => {
      const world = customWorld(manifestOf({ secrets, cache: { remote: { ...remote, ...over } } }));
      worlds.push(world);
      world.write('a.txt', 'FIXME\n');
      return async () => {
        const ran = startCli(
          ['run', '--profile', 'own', '--json', '--trust-workspace', '--export-dir', world.exportDir],
          world.workspace,
          {
            PATH: process.env.PATH ?? '',
            HOME: world.root,
            SECPLAN_CACHE_DIR: join(world.root, 'cache'),
            AK: accessKey,
            SK: secretKey,
            KEY: key,
          },
        );
        const { code, stderr, stdout } = await ran.ended;
        expect(code, stderr).toBe(0);
        for (const value of [accessKey, secretKey, ...key.split('\n').slice(1, -2)])
          expect(`${stdout}${stderr}`).not.toContain(value);
        const finished = ran.events.find(({ type, stage }) => type === 'stage-finished' && stage === 'mine');
        const told = ran.events.flatMap(({ type, diagnostic }) => {
          const { code, summary } = (diagnostic ?? {}) as {
            readonly code?: string;
            readonly summary?: string;
          };
          return type === 'diagnostic' && /^SP508[01]/.test(`${code}`) ? [`${code}: ${summary}`] : [];
        });
        expect(finished).toMatchObject({ state: 'done', findings: 1 });
        return { cached: finished?.cached, told };
      };
    };
    return { store, machine };
  }

  it('gives the second machine what the first one ran, with the key or without', async () => {
    const { store, machine } = await bucket();
    expect(await machine(mine.pem)()).toEqual({ cached: false, told: [] });
    const keys = await store.keys();
    expect(keys.filter((key) => key.startsWith('team a/actions/'))).toHaveLength(1);
    expect(keys.every((key) => /^team a\/(actions|blobs)\/[0-9a-f]{2}\/[0-9a-f]{62}$/.test(key))).toBe(true);
    expect(await machine(mine.pem)()).toEqual({ cached: true, told: [] });
    expect(await machine('')()).toEqual({ cached: true, told: [] });
    expect(await store.keys()).toEqual(keys);
  });

  it.each<[string, 'actions' | 'blobs', RegExp, (bytes: Buffer) => Uint8Array]>([
    [
      'a byte of its files',
      'blobs',
      /the file does not match its digest in the entry$/,
      (bytes) => Buffer.concat([Buffer.from(bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)))]),
    ],
    [
      'its signer',
      'actions',
      /its signature is not from a trusted key$/,
      (bytes) => {
        const { payload } = JSON.parse(bytes.toString('utf8'));
        const record = JSON.parse(Buffer.from(payload, 'base64').toString());
        return Buffer.from(signedEntry(record, theirs.privateKey));
      },
    ],
  ])('whoever changes %s gains a warning and a scan', async (_, section, why, change) => {
    const { store, machine } = await bucket();
    await machine(mine.pem)();
    for (const key of (await store.keys()).filter((one) => one.startsWith(`team a/${section}/`)))
      await store.put(key, change(await store.get(key)));
    const { cached, told } = await machine(mine.pem)();
    expect(cached).toBe(false);
    expect(told.length).toBeGreaterThan(0);
    for (const line of told) expect(line).toMatch(why);
  });

  it('that is not there costs one warning', async () => {
    const { machine } = await bucket();
    const { cached, told } = await machine(mine.pem, { url: 's3://no-such-bucket-here' })();
    expect([cached, told]).toEqual([false, [expect.stringMatching(/^SP5081: .*\b404\b/)]]);
  });
});
