import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { artifactId, stageId } from '../../../../src/core/ids.ts';
import type { Execution, Runtime, StageInvocation } from '../../../../src/executor/ports.ts';
import {
  createDaggerRuntime,
  type DaggerRuntimeOptions,
} from '../../../../src/executor/runtimes/dagger/dagger-runtime.ts';
import {
  BASE,
  type DaggerServer,
  type DoubleOptions,
  daggerServer,
  hasDaggerSchema,
} from '../../../support/dagger-server.ts';
import {
  type InvocationParts,
  invocationOf,
  removeInvocations,
  script,
} from '../../../support/invocation.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const servers: DaggerServer[] = [];
const runtimes: Runtime[] = [];

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  const closed = servers.splice(0);
  await Promise.all(closed.map((server) => server.close()));
  removeInvocations();
  // Whatever a test looks at: no query of it may be one that a real engine refuses.
  expect(closed.flatMap(({ violations }) => violations)).toEqual([]);
});

async function serve(options: DoubleOptions = {}): Promise<DaggerServer> {
  const server = await daggerServer(options);
  servers.push(server);
  return server;
}

function runtimeOf(server: Pick<DaggerServer, 'env'>, over: Partial<DaggerRuntimeOptions> = {}): Runtime {
  const runtime = createDaggerRuntime({ env: server.env, workspace: null, baseImage: BASE, ...over });
  runtimes.push(runtime);
  return runtime;
}

async function ran(
  invocation: StageInvocation,
  options: DoubleOptions = {},
  over: Partial<DaggerRuntimeOptions> = {},
) {
  const server = await serve(options);
  const execution = await runtimeOf(server, over).execute(invocation);
  return { server, execution };
}

function log(invocation: StageInvocation, name = 'scan.stdout'): string {
  return readFileSync(join(invocation.logDir, name), 'utf8');
}

function said(execution: Execution): readonly string[] {
  return (execution.ok ? execution.notEnforced : undefined) ?? [];
}

function invocation(text: string, parts: Partial<InvocationParts> = {}): StageInvocation {
  return invocationOf({ steps: [script(text)], ...parts });
}

describe.skipIf(!hasDaggerSchema())('the dagger runtime against a session server', () => {
  it('runs a step on its input and brings its output, its streams and its exit code out', async () => {
    const stage = invocation('cat a.py > /out/report.json; pwd; echo no >&2; exit 1');
    const { execution, server } = await ran(stage);
    expect(execution).toMatchObject({
      ok: true,
      sourceRoot: '/src',
      steps: [{ step: 'scan', exitCode: 1, maxRssBytes: null }],
    });
    expect(readFileSync(join(stage.outDir, 'report.json'), 'utf8')).toBe('x = 1\n');
    expect(log(stage)).toBe('/src\n');
    expect(log(stage, 'scan.stderr')).toBe('no\n');
    expect(server.execs.at(-1)?.image).toBe(BASE);
  });

  it('gives a tool the same environment and places as the local runtime', async () => {
    const stage = invocation(
      'env | grep -v "^\\(PWD\\|OLDPWD\\|SHLVL\\|_\\)=" | sort; touch "$HOME/x" "$TMPDIR/y" /out/z && echo writable; touch /src/w || echo read-only',
    );
    const { execution } = await ran(stage);
    expect(execution, log(stage, 'scan.stderr')).toMatchObject({ ok: true });
    expect(log(stage).split('\n')).toEqual([
      'HOME=/tmp/home',
      'LANG=C.UTF-8',
      'PATH=/usr/bin:/bin',
      'PYTHONSAFEPATH=1',
      'TMPDIR=/tmp',
      'TZ=UTC',
      'writable',
      'read-only',
      '',
    ]);
  });

  it('runs steps one after the other on what the first left, and stops at a code that is not declared', async () => {
    const steps = [
      script('echo one > /tmp/t; exit 1', { id: 'first' }),
      script('cat /tmp/t', { id: 'second' }),
      script('exit 7', { id: 'third' }),
      script('echo never', { id: 'fourth' }),
    ];
    const stage = invocationOf({ steps });
    const { execution } = await ran(stage);
    expect(execution).toMatchObject({
      ok: true,
      steps: [{ exitCode: 1 }, { exitCode: 0 }, { step: 'third', exitCode: 7 }],
    });
    expect(log(stage, 'second.stdout')).toBe('one\n');
    expect(existsSync(join(stage.logDir, 'fourth.stdout'))).toBe(false);
  });

  it('keeps what a step said that failed', async () => {
    const stage = invocation('echo out; echo why >&2; exit 9');
    const { execution } = await ran(stage);
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 9 }] });
    expect([log(stage), log(stage, 'scan.stderr')]).toEqual(['out\n', 'why\n']);
  });

  it('has done everything before in a second session, but nothing that failed', async () => {
    const server = await serve();
    const good = () => invocation('echo {} > /out/report.json');
    const bad = () => invocation('echo {} > /out/report.json; exit 4');
    for (const stage of [good(), bad()]) await runtimeOf(server).execute(stage);
    const before = server.execs.length;
    for (const stage of [good(), bad()]) await runtimeOf(server).execute(stage);
    const again = server.execs.slice(before);
    // What an engine refuses is asked of it again.
    expect(
      again.filter(({ cached, insecure }) => !cached && !insecure).map(({ args }) => args.at(-1)),
    ).toEqual(['echo {} > /out/report.json; exit 4']);
  });

  it('never takes from the engine’s cache what depends on secrets or the network', async () => {
    const server = await serve();
    const parts = [
      { stage: { secrets: ['TOKEN'] }, over: { secrets: { TOKEN: 'hunter2-hunter2' } } },
      { stage: { network: { egress: ['example.org'] } } },
    ];
    for (const part of [...parts, ...parts]) {
      const execution = await runtimeOf(server).execute(invocation('echo', part as Partial<InvocationParts>));
      expect(execution).toMatchObject({ ok: true });
    }
    expect(server.execs.filter(({ args }) => args.at(-1) === 'echo').map(({ cached }) => cached)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('ends a step when its time is over, and does not cache that', async () => {
    const server = await serve();
    const stage = () => invocation('sleep 60', { stage: { timeoutMs: 1000 } });
    const timeout = { ok: false, failure: { reason: 'timeout', limitMs: 1000 } };
    expect(await runtimeOf(server).execute(stage())).toMatchObject(timeout);
    expect(await runtimeOf(server).execute(stage())).toMatchObject(timeout);
    expect(server.execs.filter(({ args }) => args.includes('sleep 60')).map(({ cached }) => cached)).toEqual([
      false,
      false,
    ]);
  });

  it('ends a step that takes more memory than it was given', async () => {
    const eater = 'head -c 300000000 /dev/zero | tail -c 290000000 | sleep 60';
    const stage = invocation(eater, { stage: { resources: { cpus: 1, memoryMb: 64 } } });
    const { execution } = await ran(stage);
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'memory', limitBytes: 64 * 2 ** 20 } });
  });

  it('ends a running step when the run is interrupted', async () => {
    const controller = new AbortController();
    const server = await serve();
    const stage = invocation('sleep 61', { over: { signal: controller.signal } });
    const execution = runtimeOf(server).execute(stage);
    await server.started('sleep 61');
    controller.abort();
    expect(await execution).toEqual({ ok: false, steps: [], failure: { reason: 'interrupted' } });
    // The command itself is over, not just the wait for it.
    expect(server.execs.some(({ args }) => args.join(' ').includes('/secplan-cancel'))).toBe(true);
    const processes = readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\x0061\0';
      } catch {
        return false;
      }
    });
    expect(processes).toEqual([]);
  });

  it('takes no file over the limit, and no more of a log', async () => {
    const stage = invocation('head -c 3000 /dev/zero > /out/report.json; head -c 3000 /dev/zero');
    const { execution } = await ran(stage, {}, { limits: { outputBytes: 2000, logBytes: 1000 } });
    expect(execution).toMatchObject({
      ok: false,
      failure: { reason: 'output-too-large', output: 'report', limitBytes: 2000 },
    });
    expect(readdirSync(stage.outDir)).toEqual([]);
    expect(log(stage)).toContain('[secplan: 2000 more bytes not kept]');
  });

  it('ends a step that writes a file over the limit', async () => {
    const stage = invocation('head -c 300000 /dev/zero > /out/report.json', {
      steps: [
        {
          id: 'scan',
          argv: ['sh', '-c', 'exec head -c 300000 /dev/zero'],
          stdout: 'report',
          exits: { '0': 'clean' },
        },
      ],
    });
    const { execution } = await ran(stage, {}, { limits: { fileBytes: 100_000 } });
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'output-too-large', output: 'report' } });
  });

  it('leaves links where they are', async () => {
    const stage = invocation('ln -s /etc/passwd /out/report.json');
    const { execution } = await ran(stage);
    expect(execution).toMatchObject({ ok: true });
    expect(readdirSync(stage.outDir)).toEqual([]);
  });

  it('mounts tools, assets and artifacts at the places that arguments name', async () => {
    const id = artifactId(stageId('other'), 'report');
    const stage = invocation('cat "$1" "$2/f" /tools/t', {
      steps: [
        {
          id: 'scan',
          argv: [
            'sh',
            '-c',
            'cat "$1" "$2/f" "$3"',
            'sh',
            { at: 'artifact', name: 'a' },
            { at: 'asset', name: 'rules' },
            'tool',
          ],
          exits: { '0': 'clean' },
        },
      ],
      stage: { inputs: [{ name: 'a', id, type: 'json' }] },
      files: { 'a.py': '', 'x/f': 'asset ' },
    });
    const artifact = join(stage.outDir, '..', 'artifact');
    writeFileSync(artifact, 'artifact ');
    const tree = join(stage.outDir, '..', 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'tool'), '#!/bin/sh\nshift; exec sh "$@"', { mode: 0o755 });
    writeFileSync(join(tree, 'ready.json'), 'differs by installation');
    const over = {
      ...stage,
      tool: { ...stage.tool, executable: join(tree, 'tool'), mounts: [tree] },
      artifacts: new Map([[id, artifact]]),
      assets: { rules: join(stage.sourceDir, 'x') },
    };
    const { execution, server } = await ran({
      ...over,
      tool: {
        ...over.tool,
        provider: {
          ...over.tool.provider,
          steps: [
            {
              id: 'scan',
              argv: [
                'tool',
                'x',
                '-c',
                'cat "$1" "$2/f"; ls "$3"',
                'sh',
                { at: 'artifact', name: 'a' },
                { at: 'asset', name: 'rules' },
                tree,
              ],
              exits: { '0': 'clean' },
            },
          ],
        },
      },
    });
    expect(execution, log(over, 'scan.stderr')).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    expect(log(over, 'scan.stderr')).toBe('');
    expect(log(over)).toBe('artifact asset tool\n');
    expect(server.execs.find(({ mounts }) => mounts.includes('/src'))?.mounts).toEqual([
      '/secplan-cancel',
      tree,
      '/assets/rules',
      '/artifacts/a',
      '/src',
    ]);
  });

  it('shuts a tool in where the engine lets it, and says so where not', async () => {
    const inside = await ran(invocation('echo hi; echo "$A"', { over: { env: { A: 'b' } } }), {
      insecure: true,
    });
    const last = inside.server.execs.at(-1);
    expect(last?.insecure).toBe(true);
    expect(last?.args.slice(0, 5)).toEqual([
      'env',
      expect.stringMatching(/^PATH=/),
      'unshare',
      '--mount',
      '--net',
    ]);
    expect(last?.args.slice(-4)).toEqual(['--', '/usr/bin/sh', '-c', 'echo hi; echo "$A"']);
    // What a tree, a tool or an image sets never reaches a program that has rights.
    expect(last?.env).toEqual({});
    expect(last?.args).toContain('A=b');
    expect(inside.execution).toMatchObject({ ok: true });
    expect(JSON.stringify(inside.execution)).not.toContain('network');
    const without = await ran(invocation('echo hi'));
    expect(without.server.execs.at(-1)?.insecure).toBe(false);
    expect(said(without.execution)).toContain('network: the engine or the image cannot disable it');
    expect(said(without.execution)).toContainEqual(expect.stringMatching(/^sandbox: .* be shut in/));
    const egress = await ran(invocation('echo hi', { stage: { network: { egress: ['example.org'] } } }), {
      insecure: true,
    });
    expect(egress.server.execs.at(-1)).toMatchObject({ insecure: true });
    expect(egress.server.execs.at(-1)?.args).not.toContain('--net');
    expect(said(egress.execution)).toContainEqual(expect.stringMatching(/egress is not limited/));
    const offline = invocation('echo hi', { stage: { network: { egress: ['example.org'] } } });
    expect((await ran(offline, {}, { offline: true })).execution).toMatchObject({
      ok: false,
      failure: { reason: 'requirement-unmet', detail: expect.stringContaining('--offline') },
    });
  });

  it('states what was tried from inside, and what of it worked', async () => {
    // The double lets scanners make namespaces: it filters no system call.
    const server = await serve({ insecure: true });
    const told: string[] = [];
    const runtime = runtimeOf(server, {
      onDiagnostic: ({ code, summary }) => told.push(`${code} ${summary}`),
    });
    expect(runtime.attacks).toBeUndefined();
    const execution = await runtime.execute(invocation('echo hi'));
    expect(runtime.attacks?.tried).toContain('write kernel settings');
    expect(runtime.attacks?.worked).toContain('use every system call');
    expect(runtime.attacks?.worked).not.toContain('write below /usr');
    expect(said(execution)).toContain('sandbox: a scanner can use every system call');
    expect(said(execution)).not.toContain('sandbox: a scanner can write below /usr');
    const attempts = () => server.execs.filter(({ args }) => args.at(-1)?.includes('echo done'));
    expect(attempts()).toHaveLength(1);
    // Once for a session, and out of the engine's cache in the next.
    await runtime.execute(invocation('echo other'));
    expect(told).toEqual([expect.stringMatching(/^SP5103 .*a scanner can .*use every system call/)]);
    await runtimeOf(server).execute(invocation('echo hi'));
    expect(attempts().map(({ cached }) => cached)).toEqual([false, true]);
  });

  it('gives no program of another image rights, and that image its variables', async () => {
    const image = `docker.io/org/tool@sha256:${'c'.repeat(64)}`;
    const stage = invocation('echo "$OF_IMAGE"');
    const tool = { ...stage.tool, executable: 'sh', image };
    const { execution, server } = await ran(
      { ...stage, tool },
      { images: [BASE, image], bare: [image], insecure: true },
    );
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    expect(log(stage)).toBe('1\n');
    expect(server.execs.filter(({ insecure }) => insecure).map((exec) => exec.image)).toEqual([BASE, BASE]);
    expect(server.execs.at(-1)?.mounts).toContain('/secplan-root');
    // Where the base image cannot shut it in, the tool runs as the engine starts any command.
    const other = { ...invocation('echo'), tool };
    const alone = await ran(other, { images: [image], insecure: true });
    expect(alone.server.execs.filter(({ insecure }) => insecure)).toEqual([]);
    expect(said(alone.execution)).toContainEqual(expect.stringMatching(/^sandbox: .* be shut in/));
  });

  it('ends a step that leaves too many files, and one with a path that nobody can open', async () => {
    const many = invocation('perl -e \'for (1..50001) { open my $f, ">", "/out/$_" or die }\'');
    expect((await ran(many)).execution).toMatchObject({
      ok: false,
      failure: { reason: 'file-limit', folder: '/out', limit: 50_000 },
    });
    const deep =
      'cd /out; d=$(printf %0200d 0); for n in 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m; do mkdir $d && cd $d; done';
    expect((await ran(invocation(`${deep} 2>/dev/null; exit 0`))).execution).toMatchObject({
      ok: false,
      failure: { reason: 'file-limit' },
    });
  });

  it('runs what is in an image of its own, through the mirror, also without a shell in it', async () => {
    const image = `docker.io/org/tool@sha256:${'c'.repeat(64)}`;
    const mirrored = `mirror.example:5000/org/tool@sha256:${'c'.repeat(64)}`;
    const stage = invocationOf({
      steps: [{ id: 'scan', argv: ['env', 'printf', 'hi'], stdout: 'report', exits: { '0': 'clean' } }],
    });
    const tool = { ...stage.tool, executable: 'env', image };
    const { execution, server } = await ran(
      { ...stage, tool },
      { images: [mirrored], bare: [mirrored] },
      { registryMirror: 'mirror.example:5000' },
    );
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    expect(log(stage)).toBe('hi');
    expect(server.execs.at(-1)?.args).toEqual(['env', 'printf', 'hi']);
    expect(server.execs.at(-1)?.env.PATH).toBeUndefined();
    expect(JSON.stringify(execution)).toContain('the image has no shell');
  });

  it('starts an image’s own entry point, with its default arguments where the stage has none', async () => {
    const image = `docker.io/org/tool@sha256:${'c'.repeat(64)}`;
    const starts = { entrypoint: ['env', 'printf'], defaultArgs: ['by itself'] };
    const started = async (argv: readonly string[], own: Pick<DoubleOptions, 'starts'>) => {
      const step = { id: 'scan', argv, entrypoint: true, stdout: 'report', exits: { '0': 'clean' } } as const;
      const stage = invocationOf({ steps: [step] });
      const tool = { ...stage.tool, executable: 'entrypoint', image };
      const { execution, server } = await ran({ ...stage, tool }, { images: [image], ...own });
      return { execution, said: execution.ok ? log(stage) : undefined, execs: server.execs };
    };
    expect(await started([], { starts })).toMatchObject({ execution: { ok: true }, said: 'by itself' });
    expect(await started(['told'], { starts })).toMatchObject({ execution: { ok: true }, said: 'told' });
    const nothing = await started([], {});
    expect(nothing.execution).toMatchObject({ ok: false, failure: { reason: 'spawn-failed' } });
    expect(nothing.execs.some(({ args }) => args.includes('entrypoint'))).toBe(false);
  });

  it('says that an image cannot be had: the stage’s fault, not the engine’s', async () => {
    const { execution } = await ran(invocation('echo'), { images: [] });
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'install-failed' } });
  });

  it('says that a program cannot be started', async () => {
    const stage = invocationOf({ steps: [{ id: 'scan', argv: ['tool'], exits: { '0': 'clean' } }] });
    const executable = join(stage.outDir, '..', 'tool');
    writeFileSync(executable, '#!/usr/bin/not-there\n', { mode: 0o755 });
    const { execution } = await ran({ ...stage, tool: { ...stage.tool, executable } });
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'spawn-failed' } });
  });

  it('names the interpreter that the base image lacks', async () => {
    const stage = invocation('echo');
    const tree = join(stage.outDir, '..', 'venv');
    mkdirSync(join(tree, 'bin'), { recursive: true });
    symlinkSync('/usr/bin/python9.9', join(tree, 'bin', 'python'));
    const tool = {
      ...stage.tool,
      executable: join(tree, 'bin', 'python'),
      mounts: [tree],
      host: { python: '9.9.1' },
    };
    const { execution } = await ran({ ...stage, tool });
    expect(execution).toMatchObject({
      ok: false,
      failure: { reason: 'requirement-unmet', detail: expect.stringContaining('/usr/bin/python9.9') },
    });
  });
});

describe.skipIf(!hasDaggerSchema())('an engine that fails', () => {
  const lost = { ok: false, failure: { reason: 'engine' } };
  // What has the step run: its container was named before.
  const isExec = (query: string) => query.includes('exitCode');

  it('is no engine where nobody listens', async () => {
    const server = await serve();
    server.lose();
    const told: string[] = [];
    const runtime = runtimeOf(server, { onDiagnostic: ({ code }) => told.push(code) });
    for (const each of [1, 2]) expect(await runtime.execute(invocation(`echo ${each}`))).toMatchObject(lost);
    expect(told).toEqual(['SP5100']);
  });

  it('is lost when it hangs up in the middle of a step', async () => {
    const { execution } = await ran(invocation('echo SCANME'), {
      fault: (query) => (isExec(query) ? { kind: 'drop' } : undefined),
    });
    expect(execution).toMatchObject(lost);
  });

  it('is lost when its process ends while a step runs', async () => {
    const server = await serve();
    const execution = runtimeOf(server).execute(invocation('sleep 5 # SCANME'));
    await server.started('SCANME');
    server.lose();
    expect(await execution).toMatchObject(lost);
  });

  it.each(['malformed', 'endless'] as const)('is not believed when its answer is %s', async (kind) => {
    const { execution } = await ran(invocation('echo SCANME'), {
      fault: (query) => (isExec(query) ? { kind } : undefined),
    });
    expect(execution).toMatchObject(lost);
  });

  it('is not waited for without end', async () => {
    const clock = manualClock();
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await serve({ fault: (query) => (isExec(query) ? { kind: 'hold', until } : undefined) });
    const runtime = runtimeOf(server, { clock, limits: { silenceMs: 1000 } });
    const execution = runtime.execute(invocation('echo SCANME'));
    while (!server.queries.some(isExec)) await new Promise((done) => setImmediate(done));
    clock.advance(4 * 30_000 + 1000);
    expect(await execution).toMatchObject({
      ok: false,
      failure: { reason: 'engine', detail: expect.stringContaining('no answer') },
    });
    release();
  });

  it('tells a full disk from a lost engine', async () => {
    const message = 'write /var/lib/dagger: no space left on device';
    const { execution } = await ran(invocation('echo SCANME'), {
      fault: (query) => (isExec(query) ? { kind: 'error', message } : undefined),
    });
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'disk-full' } });
  });
});

describe.skipIf(!hasDaggerSchema())('the double itself', () => {
  it('refuses a query that the schema of a real engine refuses', async () => {
    const server = await daggerServer();
    const answer = await fetch(`http://127.0.0.1:${server.env.DAGGER_SESSION_PORT}/query`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${server.env.DAGGER_SESSION_TOKEN}:`).toString('base64')}`,
      },
      body: JSON.stringify({ query: '{ container { withExec(args: ["true"], timeout: 5) { exitCode } } }' }),
    });
    expect(await answer.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('"timeout"') }],
    });
    expect(server.violations).toHaveLength(1);
    await server.close();
  });
});
