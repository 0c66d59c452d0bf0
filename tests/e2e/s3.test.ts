import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type CliRun, startCli } from '../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../support/custom-world.ts';
import { type ProxyHooks, proxyTo, type S3Proxy } from '../support/s3-proxy.ts';
import { s3Reader, s3Server } from '../support/s3-server.ts';
import { filesOf } from '../support/signed-world.ts';

// Sealed bundles go to a server that nobody of this project wrote. SECPLAN_TEST_S3=http://key:secret@host:port names one;
// else moto is installed by uv.
const server = await s3Server();
afterAll(() => server?.close());

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

interface Bed {
  readonly made: CustomWorld;
  readonly bundle: string;
  /** `build/sast-reports/<bundle-id>/`. */
  readonly folder: string;
  readonly store: ReturnType<typeof s3Reader>;
  /** Delivers by the command line, through its own proxy. */
  deliver(hooks?: ProxyHooks & { readonly killAfter?: (passed: S3Proxy['passed']) => boolean }): Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly detail: string;
    readonly codes: readonly string[];
    readonly passed: S3Proxy['passed'];
  }>;
  forget(): void;
}

/** A sealed bundle that is not delivered yet, its own bucket, and optionally a file that goes in parts. */
async function bed(bigBytes = 0): Promise<Bed> {
  if (server === undefined) throw new Error('no server');
  const bucket = `bundles-${randomBytes(6).toString('hex')}`;
  const store = s3Reader(server, bucket);
  expect((await store.makeBucket()).status).toBe(200);
  const proxies: { hooks: ProxyHooks } = { hooks: {} };
  const proxy = await proxyTo(server.origin, {
    body: (...args) => proxies.hooks.body?.(...args) ?? args[2],
    answered: (one) => proxies.hooks.answered?.(one),
  });
  open.push({ dispose: proxy.close });
  const s3 = { bucket, endpoint: proxy.origin, accessKey: 'AK', secretKey: 'SK', allowPrivate: true };
  const made = customWorld(manifestOf({ secrets: { AK: 'env:AK', SK: 'env:SK' }, delivery: { s3: [s3] } }));
  open.push(made);
  made.write('sub dir/ü & b.txt', 'FIXME\n');
  const secrets = { AK: server.accessKey, SK: server.secretKey };
  const outcome = await made.scan({ offline: true }, { env: secrets });
  const bundle = outcome.scan?.bundleDir ?? '';
  if (bigBytes > 0) addLog(bundle, bigBytes);
  return {
    made,
    bundle,
    folder: `build/sast-reports/${bundle.split('/').pop()}/`,
    store,
    forget: () => writeFileSync(`${bundle}.delivery.jsonl`, ''),
    async deliver(hooks = {}) {
      const from = proxy.passed.length;
      let run: CliRun | undefined;
      proxies.hooks = {
        ...hooks,
        answered(one) {
          if (run !== undefined && hooks.killAfter?.(proxy.passed.slice(from))) {
            run.child.kill('SIGKILL');
            return 'withhold';
          }
          return hooks.answered?.(one);
        },
      };
      run = startCli(['deliver', '--json', '--export-dir', made.exportDir], made.workspace, {
        PATH: '/usr/bin:/bin',
        HOME: made.root,
        SECPLAN_CACHE_DIR: join(made.root, 'cache'),
        ...secrets,
      });
      const { code, signal, stdout } = await run.ended;
      const told = stdout === '' ? { delivery: [], diagnostics: [] } : JSON.parse(stdout);
      return {
        code,
        signal,
        detail: told.delivery[0]?.detail ?? '',
        codes: told.diagnostics.map((one: { code: string }) => one.code),
        passed: proxy.passed.slice(from),
      };
    },
  };
}

/** A log so large that it goes in parts, no two of its mebibytes alike; the bundle is sealed again. */
function addLog(bundle: string, bytes: number): void {
  const log = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 2 ** 20)
    log.fill(`part ${at} of it\n`, at, Math.min(bytes, at + 2 ** 20));
  mkdirSync(join(bundle, 'logs'), { recursive: true });
  writeFileSync(join(bundle, 'logs', 'large.log'), log);
  const line = `${createHash('sha256').update(log).digest('hex')}  logs/large.log\n`;
  const lines = readFileSync(join(bundle, 'checksums.txt'), 'utf8').split(/(?<=\n)/);
  writeFileSync(join(bundle, 'checksums.txt'), [...lines, line].join(''));
}

/** Every object is byte for byte the bundle's file, and there is nothing else. */
async function expectWhole({ bundle, folder, store }: Bed): Promise<void> {
  const paths = filesOf(bundle);
  expect((await store.keys()).sort()).toEqual(paths.map((path) => folder + path).sort());
  for (const path of paths) {
    const [there, here] = [await store.get(folder + path), readFileSync(join(bundle, path))];
    expect([path, there.equals(here)]).toEqual([path, true]);
  }
  expect(await store.pending()).toEqual([]);
}

const stores = ({ passed }: { readonly passed: S3Proxy['passed'] }) =>
  passed.filter(({ method, url, status }) => method === 'PUT' && !url.includes('?') && status === 200).length;

describe.skipIf(server === undefined)('a bundle on a server', { timeout: 180_000 }, () => {
  it('is there whole, below build/sast-reports; a second delivery uploads nothing', async () => {
    const one = await bed();
    const first = await one.deliver();
    expect([first.code, first.codes, stores(first)]).toEqual([0, [], filesOf(one.bundle).length]);
    await expectWhole(one);
    expect(decodeURIComponent(first.passed.findLast(({ method }) => method === 'PUT')?.url ?? '')).toMatch(
      /\/build\/sast-reports\/[^/]+\/checksums\.txt$/,
    );
    const again = await one.deliver();
    expect([again.code, again.passed]).toEqual([0, []]);
    one.forget();
    const blind = await one.deliver();
    const count = filesOf(one.bundle).length;
    expect([blind.code, stores(blind), blind.passed.filter(({ status }) => status === 412).length]).toEqual([
      0,
      0,
      count,
    ]);
    expect(blind.detail).toContain(`0 files to`);
    expect(blind.detail).toContain(`${count} were there`);
    await expectWhole(one);
  });

  it('never takes the place of another object under its key, which is told by name', async () => {
    const one = await bed();
    const key = `${one.folder}summary.json`;
    const altered = readFileSync(join(one.bundle, 'summary.json'));
    altered.write('Q', altered.length - 2);
    await one.store.put(key, altered);
    const { code, codes, detail } = await one.deliver();
    expect([code, codes]).toEqual([3, ['SP6042']]);
    expect(detail).toContain(`${key}: a different object already has this key; it was not overwritten`);
    expect((await one.store.get(key)).equals(altered)).toBe(true);
    expect(await one.store.keys()).not.toContain(`${one.folder}checksums.txt`);
  });

  it('tells an object that was altered after it had arrived', async () => {
    const one = await bed();
    expect((await one.deliver()).code).toBe(0);
    const key = `${one.folder}findings.sarif`;
    const altered = readFileSync(join(one.bundle, 'findings.sarif'));
    altered.write('Q', altered.length - 2);
    await one.store.put(key, altered);
    one.forget();
    const { code, codes, detail } = await one.deliver();
    expect([code, codes, detail.includes(key)]).toEqual([3, ['SP6042'], true]);
    expect((await one.store.get(key)).equals(altered)).toBe(true);
  });

  it.skipIf(!server?.strict)('is refused by the server where a byte changed on its way', async () => {
    const one = await bed();
    const { code, codes, detail } = await one.deliver({
      body: (method, url, body) => {
        if (method === 'PUT' && url.endsWith('verdict.json')) body.write('Q', body.length - 2);
        return body;
      },
    });
    expect([code, codes]).toEqual([3, ['SP6042']]);
    expect(detail).toMatch(/verdict\.json: the store answered 400/);
    expect(await one.store.keys()).not.toContain(`${one.folder}verdict.json`);
  });

  it.skipIf(!server?.strict)("has the store's own checksum of every file", async () => {
    const one = await bed();
    expect((await one.deliver()).code).toBe(0);
    for (const path of filesOf(one.bundle)) {
      const digest = createHash('sha256')
        .update(readFileSync(join(one.bundle, path)))
        .digest('base64');
      expect([path, (await one.store.head(one.folder + path)).get('x-amz-checksum-sha256')]).toEqual([
        path,
        digest,
      ]);
    }
  });
});

describe.skipIf(server === undefined)('a file over 64 MiB', { timeout: 300_000 }, () => {
  const BYTES = 66 * 2 ** 20;
  const PARTS = 5;
  const parts = (passed: S3Proxy['passed']) =>
    passed.filter(({ method, url }) => method === 'PUT' && url.includes('partNumber='));

  it.each([
    [
      'when the upload had begun',
      (passed: S3Proxy['passed']) =>
        passed.some(({ method, url }) => method === 'POST' && url.includes('uploads=')),
    ],
    ['after its second part', (passed: S3Proxy['passed']) => parts(passed).length === 2],
    [
      'when it was complete',
      (passed: S3Proxy['passed']) =>
        passed.some(({ method, url }) => method === 'POST' && url.includes('uploadId=')),
    ],
  ])('killed with -9 %s, then again: no duplicate, no hole, nothing left behind', async (_, killAfter) => {
    const one = await bed(BYTES);
    const killed = await one.deliver({ killAfter });
    expect(killed.signal).toBe('SIGKILL');
    const again = await one.deliver();
    expect([again.code, again.codes]).toEqual([0, []]);
    await expectWhole(one);
    // What was written down is not sent again: at most the part that was on its way.
    const before = parts(killed.passed).length;
    expect(parts(again.passed).length).toBeLessThanOrEqual(PARTS - Math.max(0, before - 1));
    expect(parts(again.passed).length).toBeGreaterThanOrEqual(PARTS - before);
    one.forget();
    const blind = await one.deliver();
    expect([blind.code, stores(blind)]).toEqual([0, 0]);
    await expectWhole(one);
  });

  it('goes on with an upload that the log has lost: its parts where the store tells their checksums, anew where not', async () => {
    const one = await bed(BYTES);
    await one.deliver({ killAfter: (passed) => parts(passed).length === 3 });
    one.forget();
    const again = await one.deliver();
    expect([again.code, again.codes]).toEqual([0, []]);
    expect(parts(again.passed).length).toBe(server?.strict ? PARTS - 3 : PARTS);
    await expectWhole(one);
  });

  it('begins anew where the parts that the log knows are not those of the store', async () => {
    const one = await bed(BYTES);
    await one.deliver({ killAfter: (passed) => parts(passed).length === 3 });
    const log = `${one.bundle}.delivery.jsonl`;
    const known = readFileSync(log, 'utf8');
    const wrong = known.replace(/("etag":"\\")[0-9a-f]{8}/, '$100000000');
    expect(wrong).not.toBe(known);
    writeFileSync(log, wrong);
    const again = await one.deliver();
    expect([again.code, again.codes]).toEqual([0, []]);
    await expectWhole(one);
  });

  it('leaves another object under its key as it is, and no parts behind', async () => {
    const one = await bed(BYTES);
    const key = `${one.folder}logs/large.log`;
    await one.store.put(key, Buffer.from('theirs'));
    const { code, codes, detail } = await one.deliver();
    expect([code, codes]).toEqual([3, ['SP6042']]);
    expect(detail).toContain(`${key}: a different object already has this key`);
    expect((await one.store.get(key)).toString()).toBe('theirs');
    expect(await one.store.pending()).toEqual([]);
  });
});
