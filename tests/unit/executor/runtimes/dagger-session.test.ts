import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findEngine } from '../../../../src/executor/runtimes/dagger/find-engine.ts';
import { type Opened, openSession } from '../../../../src/executor/runtimes/dagger/open-session.ts';
import { systemClock } from '../../../../src/io/clock.ts';
import { daggerServer, hasDaggerSchema } from '../../../support/dagger-server.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  folders.push(made);
  return made;
}

/** A dagger command line that is a shell script. */
function cli(text: string, dir = folder()): string {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'dagger');
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const RUNNER = { _EXPERIMENTAL_DAGGER_RUNNER_HOST: 'tcp://engine.test:1234' };
const ENV = { PATH: '/usr/bin:/bin', ...RUNNER };

describe('an engine is looked for', () => {
  const find = (env: Record<string, string>, over: { engine?: string; workspace?: string } = {}) =>
    findEngine({ env, engine: over.engine, workspace: over.workspace ?? null });

  it('in an open session first', () => {
    const env = { ...ENV, DAGGER_SESSION_PORT: '4000', DAGGER_SESSION_TOKEN: 't' };
    expect(find(env)).toEqual({ ok: true, access: { kind: 'session', port: 4000, token: 't' } });
    expect(find({ ...ENV, DAGGER_SESSION_PORT: '4000' })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('TOKEN'),
    });
    expect(find({ DAGGER_SESSION_PORT: 'x', DAGGER_SESSION_TOKEN: 't' })).toMatchObject({ ok: false });
  });

  it.each(['unix:///run/e.sock', 'tcp://h:1', 'kube-pod://p?namespace=n', 'docker-container://c'])(
    'at %s, of the environment before the manifest',
    (address) => {
      const path = cli('');
      const dir = join(path, '..');
      expect(find({ PATH: dir }, { engine: address })).toEqual({
        ok: true,
        access: { kind: 'cli', cli: path, runner: address },
      });
      expect(find({ PATH: dir, ...RUNNER }, { engine: address })).toMatchObject({
        access: { runner: 'tcp://engine.test:1234' },
      });
    },
  );

  it('and what is missing is named, with what to do', () => {
    const refused = (env: Record<string, string>, over = {}) => {
      const found = find(env, over);
      if (found.ok) throw new Error('it was found');
      return `${found.detail} | ${found.fix}`;
    };
    expect(refused({ PATH: '/nonexistent', ...RUNNER })).toMatch(
      /PATH and _EXPERIMENTAL_DAGGER_CLI_BIN.*\| Install the dagger CLI/,
    );
    expect(refused({ PATH: '/nonexistent', _EXPERIMENTAL_DAGGER_CLI_BIN: 'relative', ...RUNNER })).toContain(
      '(relative)',
    );
    const dir = join(cli(''), '..');
    expect(refused({ PATH: dir })).toMatch(
      /none of docker, .* is on PATH.*\| Set _EXPERIMENTAL_DAGGER_RUNNER_HOST/,
    );
    expect(refused({ PATH: dir }, { engine: 'ftp://x' })).toMatch(
      /"ftp:\/\/x" is not an engine address.*tcp/,
    );
    // One in the scanned tree is never started.
    expect(refused({ PATH: dir, ...RUNNER }, { workspace: join(dir, '..') })).toContain('is not on PATH');
  });
});

describe.skipIf(!hasDaggerSchema())('a session', () => {
  const open = (path: string, over: Partial<Parameters<typeof openSession>[0]> = {}): Promise<Opened> =>
    openSession({
      env: { ...ENV, _EXPERIMENTAL_DAGGER_CLI_BIN: path },
      workspace: null,
      clock: systemClock,
      signal: new AbortController().signal,
      connectMs: 30_000,
      graceMs: 5_000,
      ...over,
    });

  it('is opened by the command line, which sees no secret of ours, and ends with us', async () => {
    const server = await daggerServer();
    const dir = folder();
    const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token } = server.env;
    const said = JSON.stringify({ port: Number(port), session_token: token });
    const path = cli(
      `env > ${dir}/env; echo "$*" > ${dir}/args; echo '${said}'; read -r end; echo over > ${dir}/end`,
    );
    const opened = await open(path, {
      env: { ...ENV, _EXPERIMENTAL_DAGGER_CLI_BIN: path, TOKEN: 'hunter2', HTTPS_PROXY: 'p' },
    });
    if (!opened.ok) throw new Error(opened.detail);
    expect(opened.session.version).toBe('v0.21.8');
    expect(
      await opened.session.client
        .container()
        .from('nothing')
        .id()
        .catch((error) => error.message),
    ).toMatch(/not found/);
    await opened.session.close();
    const env = readFileSync(join(dir, 'env'), 'utf8');
    expect(env).not.toContain('hunter2');
    expect(env).toContain('HTTPS_PROXY=p');
    expect(env).toContain('_EXPERIMENTAL_DAGGER_RUNNER_HOST=tcp://engine.test:1234');
    expect(readFileSync(join(dir, 'args'), 'utf8')).toMatch(/^session /);
    await expect(opened.session.client.version()).rejects.toThrow();
    await server.close();
  });

  it.each([
    [
      'says what the command line said when it ended',
      'echo "cannot reach engine" >&2; exit 3',
      /ended with 3: .*cannot reach engine/,
    ],
    ['does not believe a line that is none of its', 'echo hello; sleep 60', /does not understand/],
  ])('%s', async (_, script, said) => {
    const opened = await open(cli(script));
    expect(opened).toMatchObject({
      ok: false,
      detail: expect.stringMatching(said),
      fix: expect.stringContaining('tcp://engine.test:1234'),
    });
  });

  it('is not waited for without end, and nothing is left of it', async () => {
    const clock = manualClock();
    const dir = folder();
    const opening = open(cli(`echo $$ > ${dir}/pid.tmp; mv ${dir}/pid.tmp ${dir}/pid; exec sleep 600`), {
      clock,
    });
    const pid = await until(() => readFileSync(join(dir, 'pid'), 'utf8').trim());
    clock.advance(30_000);
    expect(await opening).toMatchObject({
      ok: false,
      detail: expect.stringContaining('no answer within 30 s'),
    });
    expect(() => process.kill(Number(pid), 0)).toThrow();
  });

  it('is given up with the run', async () => {
    const controller = new AbortController();
    const opening = open(cli('exec sleep 600'), { signal: controller.signal });
    controller.abort(new Error('the run is over'));
    expect(await opening).toMatchObject({ ok: false, detail: 'the run is over' });
  });
});

async function until(read: () => string): Promise<string> {
  for (;;) {
    try {
      return read();
    } catch {
      await new Promise((done) => setImmediate(done));
    }
  }
}
