import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { processesWith } from '../support/processes.ts';
import { ROOT } from './workspace.ts';

const run = promisify(execFile);
const POSTGRES = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').some((version) =>
      existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
    )
  : false;
const SECRETS = ['only-for-this-example-db', 'only-for-this-example-token'];

let root: string;
let example: string;
let base: string;

const stack = (...args: string[]) =>
  run(process.execPath, [join(ROOT, 'scripts/stack.ts'), ...args], { timeout: 150_000 });

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

if (!POSTGRES)
  console.error('SKIPPED: tests/e2e/heavy-stack.test.ts needs PostgreSQL (apt-get install postgresql)');

it('keeps an image of the API as it is now', () => {
  const copy = mkdtempSync(join(tmpdir(), 'secplan-image-'));
  const from = join(ROOT, 'manifests/examples/heavy-stack');
  cpSync(from, copy, { recursive: true, filter: (path) => !path.endsWith('shop.tar') });
  execFileSync('python3', [join(copy, 'image/make.py')]);
  const [made, kept] = [copy, from].map((dir) => readFileSync(join(dir, 'image/shop.tar')));
  rmSync(copy, { recursive: true, force: true });
  expect(made?.equals(kept as Buffer), 'python3 manifests/examples/heavy-stack/image/make.py').toBe(true);
});

describe.skipIf(!POSTGRES)('the example heavy-stack', { timeout: 180_000 }, () => {
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-heavy-')));
    // Its own name: what it starts is then nobody else's.
    example = join(root, `heavy-${process.pid}`);
    cpSync(join(ROOT, 'manifests/examples/heavy-stack'), example, { recursive: true });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('starts for a run, answers, and leaves no process and no secret', async () => {
    const env = {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: root,
      SECPLAN_CACHE_DIR: join(root, 'cache'),
    };
    const out = join(root, 'out');
    const args = [
      'run',
      '--json',
      '--trust-workspace',
      '--profile',
      'dynamic',
      '--only',
      'stack-probe',
      '--export-dir',
      out,
    ];
    const { code, stderr } = await startCli(args, example, env).ended;
    expect(code, stderr).toBe(4);
    const verdict = JSON.parse(readFileSync(join(out, 'latest/verdict.json'), 'utf8'));
    expect(verdict.coverage.entries).toContainEqual(
      expect.objectContaining({ id: 'stack-probe:shop', state: 'done' }),
    );
    const logs = join(out, 'latest/logs');
    expect(readdirSync(logs).sort()).toEqual(
      expect.arrayContaining(['api', 'db', 'search', 'store'].map((name) => `service.${name}.log`)),
    );
    expect(readFileSync(join(logs, 'service.db.log'), 'utf8')).toContain('database system is ready');
    for (const file of readdirSync(join(out, 'latest'), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(join(file.parentPath, file.name), 'latin1');
      for (const secret of SECRETS) expect(text, file.name).not.toContain(secret);
    }
    expect(processesWith(example)).toEqual([]);
  });

  it('stays up between `just up` and `just down`, with the flaws that its README promises', async () => {
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const manifest = join(example, 'secplan.yaml');
    try {
      const { stderr } = await stack('up', manifest, 'dynamic', String(port));
      expect(stderr).toContain(`up at ${base}`);
      const ask = async (path: string, init: RequestInit = {}) => {
        const response = await fetch(`${base}${path}`, { redirect: 'manual', ...init });
        return { status: response.status, headers: response.headers, text: await response.text() };
      };
      const leak = encodeURIComponent(
        "x%' UNION SELECT 1, rolname, 2 FROM pg_roles WHERE rolname='shop' -- ",
      );
      expect((await ask(`/items?name=${leak}`)).text).toContain('"name": "shop"');
      expect(await ask("/items?name='")).toMatchObject({
        status: 500,
        text: expect.stringContaining('quoted string'),
      });
      const odd = await ask('/orders', { method: 'POST', body: '{"item":"anvil","quantity":null}' });
      expect(odd.status).toBe(500);
      const go = await ask('/go?to=https://example.org/');
      expect([go.status, go.headers.get('location')]).toEqual([302, 'https://example.org/']);
      const ready = await ask('/ready');
      expect(ready.headers.get('content-security-policy')).toBeNull();
      expect(ready.headers.get('x-content-type-options')).toBeNull();
      expect((await ask('/orders')).status).toBe(401);
      const authorization = `Bearer ${SECRETS[1]}`;
      expect((await ask('/orders', { headers: { authorization } })).status).toBe(200);
      expect((await ask('/pictures/rope.txt')).text).toBe('a picture of rope\n');
      expect(JSON.parse((await ask('/search?q=lamp')).text)).toHaveLength(1);
    } finally {
      await stack('down', manifest);
    }
    await expect(fetch(`${base}/ready`)).rejects.toThrow();
    expect(processesWith(example)).toEqual([]);
    rmSync(join(ROOT, 'build/stack', `heavy-${process.pid}`), { recursive: true, force: true });
  });
});
