import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeSandbox } from '../../../src/executor/runtimes/local/sandbox/probe-sandbox.ts';
import { runProgram } from '../../../src/io/run-program.ts';
import type { LockedKind } from '../../../src/lock/lock-types.ts';
import { housesFor } from '../../../src/toolchain/house/in-house.ts';
import { installerHosts } from '../../../src/toolchain/house/installer-hosts.ts';
import type { RunInstaller } from '../../../src/toolchain/house/installer-house.ts';
import { holdInstaller } from '../../../src/toolchain/house/installer-limits.ts';
import { type Attempt, refuse } from '../../../src/toolchain/shared/problem.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-house-'));
chmodSync(root, 0o755);
const probed = await probeSandbox();
if (probed.ok) probed.sandbox.dispose();
else process.stderr.write(`\nno sandbox here: installers are NOT tried in one: ${probed.detail}\n\n`);

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((socket) => socket.end('reached'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

let counter = 0;
function folder(): string {
  const dir = join(root, String(counter++));
  mkdirSync(dir);
  return dir;
}

type House = {
  env?: Record<string, string | undefined>;
  sandboxed?: boolean;
  kind?: LockedKind;
  carried?: string;
};

/** Runs a shell script as an installer. */
async function installing(script: string, { env = {}, sandboxed = true, kind = 'npm', carried }: House = {}) {
  const dir = folder();
  const said: string[] = [];
  const inHouse = housesFor({ env, sandboxed, onOpen: (why) => said.push(why) }, '/the/store');
  let stdout = '';
  const work = async (run: RunInstaller): Promise<Attempt<object>> => {
    const options = { cwd: dir, env: { PATH: '/usr/bin:/bin', ...stringsOf(env) }, timeoutMs: 30_000 };
    const end = await run('/bin/sh', ['-c', script], options);
    stdout = end.stdout;
    return end.code === 0 ? { ok: true } : refuse('SP4003', `ended with ${end.code}`);
  };
  const outcome = await inHouse({ kind, written: [dir], carried }, work);
  return { dir, outcome, stdout, said };
}

function stringsOf(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Bash's own way to open a connection. */
function connectTo(to: string): string {
  return `bash -c 'exec 3<>/dev/tcp/${to} && cat <&3'`;
}

describe.skipIf(!probed.ok)('an installer', { timeout: 60_000 }, () => {
  it("writes below its folder and nowhere else, and what it leaves is the caller's", async () => {
    const beside = folder();
    chmodSync(beside, 0o777);
    const script = `echo x > made; mkdir sub; echo y > sub/z; echo no > ${beside}/no; echo > /usr/no; echo > /etc/no; true`;
    const { dir, outcome } = await installing(script);
    expect(outcome).toMatchObject({ ok: true });
    expect(readdirSync(dir).sort()).toEqual(['made', 'sub']);
    expect(readdirSync(beside)).toEqual([]);
    expect(statSync(join(dir, 'sub', 'z')).uid).toBe(process.getuid?.());
    expect(existsSync('/etc/no') || existsSync('/usr/no')).toBe(false);
  });

  it("sees no file of the caller's but the settings of its own kind", async () => {
    const home = folder();
    writeFileSync(join(home, '.npmrc'), 'registry=https://npm.example.org/\n');
    writeFileSync(join(home, '.netrc'), 'password hunter2');
    chmodSync(home, 0o755);
    const script = `cat "$HOME/.npmrc"; cat ${home}/.netrc ${home}/.npmrc "$HOME/.netrc" 2>/dev/null; id -u`;
    const { stdout } = await installing(script, { env: { HOME: home } });
    expect(stdout).toBe('registry=https://npm.example.org/\n1000\n');
  });

  it('is held by the filter of system calls, with no capability', async () => {
    const { stdout } = await installing("grep -E '^(Seccomp|CapEff|NoNewPrivs):' /proc/self/status");
    expect(stdout).toContain('CapEff:\t0000000000000000');
    expect(stdout).toMatch(/Seccomp:\t2/);
    expect(stdout).toMatch(/NoNewPrivs:\t1/);
  });

  it('reaches what the user configured and nothing else, and the refusal names the host', async () => {
    const configured = { env: { npm_config_registry: `http://127.0.0.1:${port}/` } };
    const there = await installing(connectTo(`127.0.0.1/${port}`), configured);
    expect([there.outcome.ok, there.stdout]).toEqual([true, 'reached']);
    const not = await installing(connectTo(`127.0.0.1/${port}`));
    expect([not.outcome.ok, not.stdout]).toEqual([false, '']);
    const named = await installing(`getent hosts example.org`);
    expect(named.outcome).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
    expect(JSON.stringify(named.outcome)).toMatch(/example\.org.*SECPLAN_INSTALL_HOSTS/);
  });

  it('has no network at all where its downloads were carried in', async () => {
    const carried = folder();
    writeFileSync(join(carried, 'x.tgz'), 'carried');
    const env = { npm_config_registry: `http://127.0.0.1:${port}/` };
    const script = `cat ${carried}/x.tgz; ${connectTo(`127.0.0.1/${port}`)}`;
    const { outcome, stdout } = await installing(script, { env, carried });
    expect([outcome.ok, stdout]).toEqual([false, 'carried']);
  });

  it('leaves no cache that another installation could find', async () => {
    const { dir } = await installing('echo x > "$TMPDIR/x" && mkdir -p "$UV_CACHE_DIR" "$GOCACHE"');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('may not write a file of any size', async () => {
    const { outcome, dir } = await installing('truncate -s 5G large');
    expect(outcome).toMatchObject({ ok: false });
    expect(statSync(join(dir, 'large')).size).toBe(0);
  });

  it('that finds no space left makes the store full, whatever else it says', async () => {
    const { outcome } = await installing('echo "error: No space left on device (os error 28)" >&2; exit 1');
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'SP4008' } });
    expect(JSON.stringify(outcome)).toContain('/the/store');
  });

  it('would do all that without the sandbox, which is then said', async () => {
    const beside = folder();
    const { said, outcome } = await installing(`echo x > ${beside}/x`, { sandboxed: false });
    expect(outcome.ok).toBe(true);
    expect(readFileSync(join(beside, 'x'), 'utf8')).toBe('x\n');
    expect(said).toEqual(['the sandbox is off']);
  });
});

describe('the limits of an installer', { timeout: 60_000 }, () => {
  const limits = {
    memoryBytes: 2 ** 30,
    processes: 50,
    folder: { files: 100, bytes: 2 ** 20 },
    fileBytes: 2 ** 30,
  };

  it.each([
    ['files', 'n=0; while :; do n=$((n+1)); : > $n; done', 'may write 100 files'],
    ['bytes', 'head -c 3M /dev/zero > x; exec sleep 1000', 'GiB'],
    ['processes', 'n=0; while [ $n -lt 80 ]; do n=$((n+1)); sleep 1000 & done; wait', '50 processes'],
    ['bytes at the end', 'head -c 3M /dev/zero > x', 'GiB'],
  ])('end one that takes too many: %s', async (_, script, said) => {
    const dir = folder();
    const options = { cwd: dir, env: { PATH: '/usr/bin:/bin' }, timeoutMs: 30_000 };
    const end = await runProgram('/bin/sh', ['-c', script], {
      ...options,
      watch: holdInstaller([dir], limits),
    });
    expect([end.code, end.timedOut, end.stderr]).toEqual([null, false, expect.stringContaining(said)]);
  });

  it('leave alone what stays below', async () => {
    const dir = folder();
    const options = { cwd: dir, env: { PATH: '/usr/bin:/bin' }, timeoutMs: 30_000 };
    const end = await runProgram('/bin/sh', ['-c', ': > x'], {
      ...options,
      watch: holdInstaller([dir], limits),
    });
    expect([end.code, end.stderr]).toEqual([0, '']);
  });
});

describe('the hosts of an installer', () => {
  it('are the public registries of its kind, what the user configured, and proxies', () => {
    const home = folder();
    writeFileSync(
      join(home, '.npmrc'),
      '@x:registry=https://npm.in.example:8443/a/\n//npm.in.example/:_authToken=t\n',
    );
    const env = { HOME: home, HTTPS_PROXY: 'proxy.example:3128', http_proxy: 'http://u:p@other.example' };
    expect(installerHosts('npm', env, ' cdn.example , ')).toEqual({
      registries: ['registry.npmjs.org', 'cdn.example'],
      configured: [
        { host: 'npm.in.example', port: 8443 },
        { host: 'proxy.example', port: 3128 },
        { host: 'other.example', port: 80 },
      ],
    });
  });
});

describe('the hosts of Maven', () => {
  it('are those of its settings, and neither schemas, comments nor the address of no machine', () => {
    const home = folder();
    mkdirSync(join(home, '.m2'));
    const settings = [
      '<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><!-- <url>http://www.myhost.com/x</url> -->',
      '<mirror><url>https://maven.in.example/repo</url></mirror>',
      '<mirror><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url></mirror></settings>',
    ];
    writeFileSync(join(home, '.m2/settings.xml'), settings.join('\n'));
    const { configured } = installerHosts('maven', { HOME: home }, undefined);
    expect(configured).toContainEqual({ host: 'maven.in.example', port: 443 });
    expect(configured.map(({ host }) => host)).not.toContain('0.0.0.0');
    expect(configured.map(({ host }) => host).join(' ')).not.toMatch(/apache|w3|myhost/);
  });
});

describe('run program', () => {
  it('starts with the descriptors that it is given, and lets go of them', async () => {
    const options = { cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 10_000 };
    let done = 0;
    const stdio = () => ({ stdio: ['ignore', 'pipe', 'pipe', 'pipe'] as const, done: () => void done++ });
    const end = await runProgram('/bin/sh', ['-c', 'head -c 200000 /dev/zero >&3; echo out'], {
      ...options,
      stdio: stdio as never,
    });
    expect([end.code, end.stdout, done]).toEqual([0, 'out\n', 1]);
  });
});
