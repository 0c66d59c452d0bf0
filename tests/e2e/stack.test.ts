import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliRun, startCli, until } from '../support/cli.ts';
import { processesWith } from '../support/processes.ts';

const PYTHON = '/usr/bin/python3';
let root: string;
let workspace: string;
/** Stands in the command line of every service, and nowhere else. */
let mark: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-stack-')));
  workspace = join(root, 'w');
  mkdirSync(workspace);
  mark = `stack-test-${crypto.randomUUID()}`;
});

afterEach(() => {
  for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

interface ServiceOver {
  readonly health?: object;
  readonly dependsOn?: readonly string[];
  readonly env?: object;
  readonly ports?: readonly number[];
}

const service = (code: string, over: ServiceOver = {}) => ({
  command: [PYTHON, '-u', '-c', `${code}\n# ${mark}`],
  ports: [8080],
  ...over,
});

const SERVE = (port: number, more = '') => `
import http.server, os, sys, socketserver
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ${more || 'pass'}
        self.send_response(200); self.send_header('content-length', '0'); self.end_headers()
    do_HEAD = do_OPTIONS = do_GET
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(('127.0.0.1', ${port}), Handler).serve_forever()`;

/** Never listens, ignores SIGTERM, and leaves a child in its own session that does so too. */
const STUBBORN = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: time.sleep(60)
    os._exit(0)
print('still here')
while True: time.sleep(60)`;

function manifest(part: object): void {
  writeFileSync(
    join(workspace, 'secplan.json'),
    JSON.stringify({
      apiVersion: 'secplan/v1',
      metadata: { name: 'stacked' },
      profiles: { dynamic: { tools: { enable: ['stack-probe'] }, requiresStack: true } },
      ...part,
    }),
  );
}

function start(...more: string[]): CliRun {
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: root,
    TMPDIR: root,
    SECPLAN_CACHE_DIR: join(root, 'cache'),
    PW: 'hunter2hunter2',
  };
  const profile = more.includes('--profile') ? [] : ['--profile', 'dynamic'];
  return startCli(
    ['run', '--json', '--trust-workspace', '--export-dir', join(root, 'out'), ...profile, ...more],
    workspace,
    env,
  );
}

const bundle = (path: string) => readFileSync(join(root, 'out/latest', path), 'utf8');
const verdict = () => JSON.parse(bundle('verdict.json'));
const target = { http: [{ name: 'shop', service: 'web' }] };

async function nothingLeft(): Promise<void> {
  for (let tries = 0; tries < 200 && processesWith(mark).length > 0; tries += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(processesWith(mark)).toEqual([]);
}

const serviceIs = (run: CliRun, name: string, state: string) => () =>
  run.events.some(
    ({ type, stage, state: is }) => type === 'service' && stage === `service:${name}` && is === state,
  );

describe('a stack on the local runtime', { timeout: 120_000 }, () => {
  it('starts in order, is found by name, keeps its secret to itself, and is gone afterwards', async () => {
    manifest({
      secrets: { PW: 'env:PW' },
      targets: target,
      stack: {
        services: {
          web: service(`print('got', os.environ['PW'])`.replace(/^/, 'import os\n') + SERVE(8080), {
            health: { http: '/', timeout: '30s' },
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own notation
            env: { PW: 'a-${PW}' },
            dependsOn: ['db'],
          }),
          db: service(SERVE(9000), {
            ports: [9000],
            health: {
              timeout: '30s',
              command: [PYTHON, '-c', "import urllib.request as u; u.urlopen('http://db:9000/')"],
            },
          }),
        },
      },
    });
    const run = start();
    const { code, stderr } = await run.ended;
    // Something answered, and nothing was scanned: that is no pass.
    expect(code, stderr).toBe(4);
    const states = run.events.flatMap(({ type, stage, state }) =>
      type === 'service' ? [`${stage} ${state}`] : [],
    );
    expect(states.slice(0, 4)).toEqual([
      'service:db starting',
      'service:db healthy',
      'service:web starting',
      'service:web healthy',
    ]);
    expect(states.slice(4)).toEqual(['service:web stopped', 'service:db stopped']);
    expect(verdict().coverage.entries).toContainEqual(
      expect.objectContaining({ id: 'stack-probe:shop', state: 'done', category: null }),
    );
    expect(bundle('logs/service.web.log')).toContain('got a-[redacted]');
    expect(bundle('plan.json') + bundle('events.jsonl') + stderr).not.toContain('hunter2');
    await nothingLeft();
  });

  it('that never becomes healthy is exit 3 within its deadline and 5 s, and leaves no process', async () => {
    manifest({
      targets: target,
      tools: { custom: { other: { command: ['./other.sh'], report: 'sarif' } } },
      profiles: {
        dynamic: { tools: { enable: ['stack-probe', 'other'] }, requiresStack: true },
      },
      stack: { services: { web: service(STUBBORN, { health: { http: '/', timeout: '2s' } }) } },
    });
    writeFileSync(join(workspace, 'other.sh'), '#!/bin/sh\nsleep 60\n', { mode: 0o755 });
    const run = start();
    await until(run, serviceIs(run, 'web', 'starting'));
    const began = performance.now();
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(3);
    expect(performance.now() - began).toBeLessThan(2000 + 5000);
    const { outcome, coverage } = verdict();
    expect(outcome).toBe('incomplete');
    expect(coverage.entries).toContainEqual(
      expect.objectContaining({ id: 'stack-probe:shop', state: 'incomplete', reason: 'stack' }),
    );
    expect(coverage.entries).toContainEqual(expect.objectContaining({ id: 'other', state: 'skipped' }));
    expect(bundle('logs/service.web.log')).toContain('still here');
    await nothingLeft();
  });

  it('would be told from one that leaves a process', async () => {
    const left = spawn(PYTHON, ['-c', `import time; time.sleep(60) # ${mark}`], { stdio: 'ignore' });
    await new Promise((resolve) => left.once('spawn', resolve));
    await expect(nothingLeft()).rejects.toThrow();
  });

  it('that dies while it is in use makes its scanners incomplete, never clean', async () => {
    const fatal = "sys.exit if self.path == '/ready' else os._exit(7)";
    manifest({
      targets: target,
      stack: {
        services: { web: service(SERVE(8080, fatal), { health: { http: '/ready', timeout: '30s' } }) },
      },
    });
    const { code, stderr } = await start().ended;
    expect(code, stderr).toBe(3);
    const [entry] = verdict().coverage.entries.filter(({ id }: { id: string }) => id === 'stack-probe:shop');
    expect(entry).toMatchObject({ state: 'incomplete', reason: 'stack' });
    expect(entry.detail).toContain('it exited while it was in use: exit code 7');
    await nothingLeft();
  });

  it.each<[string, NodeJS.Signals, readonly string[]]>([
    ['Ctrl-C', 'SIGINT', []],
    ['kill -9', 'SIGKILL', []],
    ['Ctrl-C without a sandbox', 'SIGINT', ['--unsandboxed']],
    ['kill -9 without a sandbox', 'SIGKILL', ['--unsandboxed']],
  ])('is torn down on %s', async (_, signal, flags) => {
    manifest({
      targets: target,
      stack: { services: { web: service(STUBBORN, { health: { http: '/', timeout: '5m' } }) } },
    });
    const run = start(...flags);
    await until(run, serviceIs(run, 'web', 'starting'));
    await until(run, () => processesWith(mark).length >= 2);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    run.child.kill(signal);
    const { code } = await run.ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : null);
    for (let tries = 0; tries < 40 && processesWith(mark).length > 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await nothingLeft();
  });

  it('without a sandbox stands on the host, says so, and tells of a port that is taken', async () => {
    const taken: Server = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    );
    manifest({
      targets: target,
      stack: {
        services: { web: service(SERVE(port), { ports: [port], health: { http: '/', timeout: '30s' } }) },
      },
    });
    const refused = await start('--unsandboxed').ended;
    await new Promise((resolve) => taken.close(resolve));
    expect(refused.code, refused.stderr).toBe(3);
    expect(refused.stderr).toContain(`port ${port} is used by another program on this machine`);
    const { code, stderr } = await start('--unsandboxed').ended;
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('SP5131');
    expect(verdict().coverage.entries).toContainEqual(
      expect.objectContaining({ id: 'stack-probe:shop', state: 'done' }),
    );
    await nothingLeft();
  });

  it('of an image is not started, and its scanners are incomplete for that reason', async () => {
    manifest({ targets: target, stack: { services: { web: { image: 'example/web', ports: [8080] } } } });
    const { code, stderr } = await start().ended;
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('SP5132');
    const [entry] = verdict().coverage.entries.filter(({ id }: { id: string }) => id === 'stack-probe:shop');
    expect(entry).toMatchObject({ state: 'incomplete', reason: 'requirement-unmet' });
    expect(entry.detail).toContain('the local runtime has no containers');
  });

  it('is a placeholder where heavy has none, which is probed and covers nothing', async () => {
    manifest({});
    const { code, stderr } = await start('--profile', 'heavy', '--only', 'stack-probe').ended;
    expect(code, stderr).toBe(4);
    const plan = JSON.parse(bundle('plan.json'));
    expect(plan.stack).toEqual({
      from: 'placeholder',
      required: true,
      base: { service: 'placeholder', port: 18080 },
    });
    expect(verdict().coverage.entries).toContainEqual(
      expect.objectContaining({
        id: 'stack-probe:placeholder',
        state: 'done',
        detail: expect.stringMatching(/^3 requests/),
      }),
    );
    expect(readdirSync(join(root, 'out/latest/logs'))).toContain('service.placeholder.log');
  });

  it('is not made up without a manifest: heavy names what it looked for', async () => {
    const { code, stdout, stderr } = await start('--profile', 'heavy').ended;
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('secplan.cue, secplan.yaml, secplan.yml, secplan.json');
  });

  it('that runs already is reached by its base URL, and nothing is started', async () => {
    const server = (await import('node:http')).createServer((_, response) => response.end('ok'));
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    manifest({ targets: target, stack: { services: { web: service(SERVE(8080)) } } });
    const run = start('--stack-base-url', `http://127.0.0.1:${port}`);
    const { code, stderr } = await run.ended;
    await new Promise((resolve) => server.close(resolve));
    expect(code, stderr).toBe(4);
    expect(run.events.some(({ type }) => type === 'service')).toBe(false);
    expect(verdict().coverage.entries).toContainEqual(
      expect.objectContaining({ id: 'stack-probe:shop', state: 'done' }),
    );
  });
});
