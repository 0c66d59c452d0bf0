import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { type CliRun, startCli } from '../../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../../support/custom-world.ts';
import {
  objectStore,
  type Received,
  type Receiver,
  type Reply,
  receiver,
  spellings,
} from '../../support/delivery-rig.ts';
import { filesOf } from '../../support/signed-world.ts';

const KEY = 'store-access-key-0001';
const SECRET = 'store secret/key+0002 that leaks nowhere';
const HMAC = 'hmac-key-0003-äöü';
const SECRETS = { AK: 'env:AK', SK: 'env:SK', HK: 'env:HK', SLACK: 'env:SLACK' };

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

async function serve(
  answer: (request: Received, count: number) => Reply | 'hang' | 'drop',
): Promise<Receiver> {
  const made = await receiver(answer);
  open.push({ dispose: made.close });
  return made;
}

function world(over: Readonly<Record<string, unknown>>): CustomWorld {
  const made = customWorld(manifestOf({ secrets: SECRETS, ...over }));
  open.push(made);
  return made;
}

const s3 = (origin: string, over = {}) => ({
  bucket: 'reports',
  endpoint: origin,
  accessKey: 'AK',
  secretKey: 'SK',
  allowPrivate: true,
  ...over,
});
const env = (over: Readonly<Record<string, string>> = {}) => ({ AK: KEY, SK: SECRET, HK: HMAC, ...over });
const scanned = (made: CustomWorld, over: Readonly<Record<string, string>> = {}, offline = false) =>
  made.scan({ offline }, { env: env(over) });

function cli(made: CustomWorld, ...args: string[]): CliRun {
  return startCli(
    ['deliver', '--json', '--trust-workspace', '--export-dir', made.exportDir, ...args],
    made.workspace,
    {
      PATH: '/usr/bin:/bin',
      HOME: made.root,
      SECPLAN_CACHE_DIR: join(made.root, 'cache'),
      ...env(),
    },
  );
}

const bundleOf = ({ scan }: ScanOutcome): string => scan?.bundleDir ?? '';
// How memory is limited depends on the machine.
const told = ({ diagnostics }: ScanOutcome) => diagnostics.filter(({ code }) => code !== 'SP5009');
const codes = (outcome: ScanOutcome): string[] => told(outcome).map(({ code }) => code);
const logOf = (bundle: string) =>
  readFileSync(`${bundle}.delivery.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('an upload to S3', () => {
  it('holds every file of the sealed bundle, checksums.txt last, and says so beside it', async () => {
    const store = objectStore();
    const server = await serve(store.answer);
    const outcome = await scanned(world({ delivery: { s3: [s3(server.origin)] } }));
    expect([outcome.exitCode, codes(outcome)]).toEqual([0, []]);
    const bundle = bundleOf(outcome);
    const folder = `/reports/build/sast-reports/${bundle.split('/').pop()}/`;
    const keys = [...store.objects.keys()].map(decodeURIComponent);
    expect([...keys].sort()).toEqual(
      filesOf(bundle)
        .map((path) => folder + path)
        .sort(),
    );
    expect(keys.at(-1)).toBe(`${folder}checksums.txt`);
    for (const path of filesOf(bundle))
      expect([...store.objects].find(([key]) => decodeURIComponent(key) === folder + path)?.[1].body).toEqual(
        readFileSync(join(bundle, path)),
      );
    for (const { headers } of server.received) {
      expect(headers).toMatchObject({ 'if-none-match': '*' });
      expect(headers['x-amz-checksum-sha256']).toHaveLength(44);
      expect(headers.authorization).toContain('AWS4-HMAC-SHA256');
    }
    expect(outcome.scan?.delivery).toMatchObject([{ id: 'deliver:s3-1', state: 'delivered' }]);
    expect(logOf(bundle).at(-1)).toMatchObject({ target: 'deliver:s3-1', event: 'delivered' });
  });

  it('is done once: again sends nothing, and a lost log finds what is there', async () => {
    const store = objectStore();
    const server = await serve(store.answer);
    const made = world({ delivery: { s3: [s3(server.origin)] } });
    const bundle = bundleOf(await scanned(made));
    const [writes, requests] = [store.writes(), server.received.length];
    expect((await cli(made).ended).code).toBe(0);
    expect(server.received.length).toBe(requests);
    writeFileSync(`${bundle}.delivery.jsonl`, '');
    expect((await cli(made).ended).code).toBe(0);
    expect(server.received.length).toBeGreaterThan(requests);
    expect(store.writes()).toBe(writes);
  });

  it('overwrites nothing: another object under a key is a failure that names it', async () => {
    const store = objectStore();
    const server = await serve((request) => {
      if (request.method === 'PUT' && request.url.endsWith('summary.json'))
        store.objects.set(request.url, { body: Buffer.from('theirs'), sha256: 'x' });
      return store.answer(request);
    });
    const outcome = await scanned(world({ delivery: { s3: [s3(server.origin)] } }));
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP6042']]);
    expect(told(outcome)[0]?.summary).toMatch(/summary\.json: a different object already has this key/);
    expect([...store.objects.values()].some(({ body }) => body.toString() === 'theirs')).toBe(true);
    expect([...store.objects.keys()].some((key) => key.endsWith('checksums.txt'))).toBe(false);
  });

  it.each([1, 4, 9])('killed with -9 after %i objects, then again: no duplicate, no hole', async (after) => {
    const store = objectStore();
    let run: CliRun | undefined;
    let killed = false;
    const server = await serve((request) => {
      const reply = store.answer(request);
      if (killed || run === undefined || store.writes() < after) return reply;
      killed = true;
      run.child.kill('SIGKILL');
      return 'hang';
    });
    const made = world({ delivery: { s3: [s3(server.origin)] } });
    const outcome = await scanned(made, {}, true);
    expect([codes(outcome), outcome.exitCode]).toEqual([['SP6044'], 0]);
    run = cli(made);
    expect((await run.ended).signal).toBe('SIGKILL');
    const again = await cli(made).ended;
    expect([again.code, JSON.parse(again.stdout).delivery[0].state]).toEqual([0, 'delivered']);
    const files = filesOf(bundleOf(outcome));
    expect(store.writes()).toBe(files.length);
    expect(store.objects.size).toBe(files.length);
  });

  it('keeps reports about personal data back unless told otherwise', async () => {
    const { filesFor } = await import('../../../src/delivery/shared/bundle-files.ts');
    const files = ['findings.sarif', 'privacy/pack.json', 'reports/privacy/p.sarif', 'checksums.txt'].map(
      (path) => ({
        path,
        bytes: 1,
        sha256: '',
      }),
    );
    expect(filesFor({ dir: '', files }, false).map(({ path }) => path)).toEqual([
      'findings.sarif',
      'checksums.txt',
    ]);
    expect(filesFor({ dir: '', files }, true)).toHaveLength(4);
  });
});

describe('a message', () => {
  const hook = (origin: string, over = {}) => ({
    webhook: `${origin}/hook`,
    secret: 'HK',
    allowPrivate: true,
    ...over,
  });

  it('holds verdict, budgets, findings, what did not run and links, and is signed', async () => {
    const store = objectStore();
    const server = await serve((request) =>
      request.url === '/hook' ? { status: 200 } : store.answer(request),
    );
    const made = world({
      delivery: { s3: [s3(server.origin)] },
      notify: [hook(server.origin)],
      policy: { budgets: { default: { low: 0 } } },
    });
    made.write('b.txt', 'FIXME\n');
    const outcome = await scanned(made);
    expect(outcome.exitCode).toBe(1);
    const sent = server.received.at(-1);
    const { headers, body } = sent ?? { headers: {} as Record<string, string>, body: Buffer.alloc(0) };
    const mac = createHmac('sha256', HMAC)
      .update(`${headers['x-secplan-timestamp']}.`)
      .update(body)
      .digest('hex');
    expect(headers['x-secplan-signature-256']).toBe(`sha256=${mac}`);
    expect(JSON.parse(body.toString())).toMatchObject({
      verdict: 'fail',
      exitCode: 1,
      headline: 'FAIL: 1 low finding (budget 0)',
      budgets: [{ scope: 'overall', severity: 'low', count: 1, limit: 0, exceeded: true }],
      findings: { shown: 'all', count: 1, top: [{ rule: 'fixme', place: 'b.txt:1', severity: 'low' }] },
      links: [{ name: expect.stringContaining('s3://reports/build/sast-reports/') }],
      undelivered: [],
    });
  });

  it('goes out on failures only where the manifest says so, once', async () => {
    const server = await serve(() => ({ status: 204 }));
    const made = world({ notify: [hook(server.origin, { on: 'fail' })] });
    expect(codes(await scanned(made))).toEqual([]);
    expect(server.received).toHaveLength(0);
    const always = world({ notify: [hook(server.origin)] });
    await scanned(always);
    expect((await cli(always).ended).code).toBe(0);
    expect(server.received).toHaveLength(1);
  });

  it('tells Slack in blocks; its address is a secret that is told nowhere', async () => {
    const server = await serve(() => ({ status: 200, body: 'ok' }));
    const { host } = new URL(server.origin);
    const made = world({ notify: [{ slack: 'SLACK', host, allowPrivate: true }] });
    made.write('b.txt', '<!channel> FIXME\n');
    const SLACK = `${server.origin}/services/T0/B0/slack-path-token-0004`;
    const outcome = await scanned(made, { SLACK });
    expect(codes(outcome)).toEqual([]);
    expect(server.received[0]?.url).toBe('/services/T0/B0/slack-path-token-0004');
    const body = JSON.parse(server.received[0]?.body.toString() ?? '');
    expect(body.blocks[0]).toEqual({ type: 'header', text: { type: 'plain_text', text: 'own: PASS' } });
    expect(JSON.stringify(outcome.scan?.delivery)).not.toContain('slack-path-token');
    expect(readFileSync(`${bundleOf(outcome)}.delivery.jsonl`, 'utf8')).not.toContain('slack-path-token');
  });
});

describe('what goes wrong', () => {
  it('a refusal is told, kept as a dead letter, and makes 0 a 3, never a 1; later it arrives and the letter goes', async () => {
    let status = 403;
    const server = await serve(() => ({ status, body: `no ${HMAC}` }));
    const notify = [{ webhook: `${server.origin}/hook`, secret: 'HK', allowPrivate: true }];
    const made = world({ notify });
    const outcome = await scanned(made);
    expect([outcome.exitCode, codes(outcome), outcome.scan?.verdict.outcome]).toEqual([
      3,
      ['SP6042'],
      'pass',
    ]);
    const dead = `${bundleOf(outcome)}.dead-letter.jsonl`;
    expect(JSON.parse(readFileSync(dead, 'utf8'))).toMatchObject({
      target: 'notify:webhook-1',
      payload: expect.any(String),
    });
    status = 200;
    expect((await cli(made).ended).code).toBe(0);
    expect(existsSync(dead)).toBe(false);
    status = 403;
    const failing = world({ notify, policy: { budgets: { default: { low: 0 } } } });
    failing.write('b.txt', 'FIXME\n');
    expect((await scanned(failing)).exitCode).toBe(1);
    const optional = await scanned(world({ notify: [{ ...notify[0], optional: true }] }));
    expect([optional.exitCode, codes(optional)]).toEqual([0, ['SP6043']]);
  });

  it('a redirect is not followed', async () => {
    const other = await serve(() => ({ status: 200 }));
    const server = await serve(() => ({ status: 307, headers: { location: `${other.origin}/` } }));
    const outcome = await scanned(world({ notify: [{ webhook: `${server.origin}/x`, allowPrivate: true }] }));
    expect([outcome.exitCode, other.received.length]).toEqual([3, 0]);
  });

  it('private addresses and plain http are refused unless allowed', async () => {
    const server = await serve(() => ({ status: 200 }));
    const { port } = new URL(server.origin);
    const plain = await scanned(world({ notify: [{ webhook: `${server.origin}/x` }] }));
    expect([plain.exitCode, codes(plain)]).toEqual([2, ['SP6041']]);
    for (const host of [
      '127.0.0.1',
      '[::1]',
      '169.254.169.254',
      'localhost',
      '[::ffff:10.0.0.1]',
      '2130706433',
    ]) {
      const outcome = await scanned(world({ notify: [{ webhook: `https://${host}:${port}/x` }] }));
      expect([host, outcome.exitCode, codes(outcome)]).toEqual([host, 3, ['SP6042']]);
      expect(told(outcome)[0]?.summary).toContain('private, loopback or link-local');
    }
    expect(server.received).toHaveLength(0);
  });

  it('a bundle that was altered is not delivered', async () => {
    const store = objectStore();
    const server = await serve(store.answer);
    const made = world({ delivery: { s3: [s3(server.origin)] } });
    const bundle = bundleOf(await scanned(made, {}, true));
    writeFileSync(join(bundle, 'report.html'), 'harmless');
    const { code, stdout } = await cli(made).ended;
    expect([code, JSON.parse(stdout).diagnostics[0].code, store.writes()]).toEqual([6, 'SP6046', 0]);
  });

  it('credentials come from declared secrets: none is exit 2, a missing one too, unless only an optional delivery needs it', async () => {
    const server = await serve(() => ({ status: 200 }));
    const none = await scanned(world({ delivery: { s3: [{ bucket: 'b', optional: true }] } }));
    expect([none.exitCode, codes(none)]).toEqual([2, ['SP6040']]);
    const gone = await scanned(world({ delivery: { s3: [s3(server.origin)] } }), { SK: '' });
    expect([gone.exitCode, codes(gone)]).toEqual([2, ['SP2014']]);
    const optional = await scanned(world({ delivery: { s3: [s3(server.origin, { optional: true })] } }), {
      SK: '',
    });
    expect([optional.exitCode, codes(optional)]).toEqual([0, ['SP6044']]);
    const { code, stderr } = await cli(world({})).ended;
    expect([code, stderr.length > 0]).toEqual([2, true]);
  });

  it('no secret leaves by what is sent, logged, told or kept, in any spelling', async () => {
    const server = await serve(({ url }) => ({
      status: url.startsWith('/reports') ? 403 : 400,
      body: `${SECRET} ${HMAC}`,
    }));
    const made = world({
      metadata: { name: 'own', labels: { a: 'b' } },
      delivery: { s3: [s3(server.origin)] },
      notify: [{ webhook: `${server.origin}/hook`, secret: 'HK', allowPrivate: true }],
    });
    for (const [index, text] of spellings(SECRET).entries())
      made.write(`f${index} ${text.slice(0, 40).replaceAll('/', '_')}`, `FIXME ${text}\n`);
    made.write(`${Buffer.from(SECRET).toString('hex')}.txt`, 'FIXME\n');
    const outcome = await scanned(made);
    expect([outcome.exitCode, codes(outcome)]).toEqual([3, ['SP6042', 'SP6042']]);
    const beside = dirname(bundleOf(outcome));
    const texts = [
      ...server.received.map(({ url, body, headers }) => `${url} ${JSON.stringify(headers)} ${body}`),
      ...readdirSync(beside)
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFileSync(join(beside, name), 'utf8')),
      JSON.stringify([outcome.diagnostics, outcome.scan?.delivery]),
    ];
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts)
      for (const spelling of [...spellings(SECRET), ...spellings(HMAC)]) expect(text).not.toContain(spelling);
  });
});
