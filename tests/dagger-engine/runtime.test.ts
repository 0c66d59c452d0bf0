import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createStoreRedactor } from '../../src/core/redaction/redactor.ts';
import type { Execution, Runtime, StageInvocation } from '../../src/executor/ports.ts';
import {
  createDaggerRuntime,
  type DaggerRuntimeOptions,
} from '../../src/executor/runtimes/dagger/dagger-runtime.ts';
import { type InvocationParts, invocationOf, removeInvocations, script } from '../support/invocation.ts';
import { lineTo, processesOf, type RealEngine, realEngine, until } from './real-engine.ts';

const engine = realEngine();
const runtimes: Runtime[] = [];
/** Different in every run of the tests, so that nothing comes out of the engine's cache but what a test put there. */
const run = crypto.randomUUID();
const STOPPED_MS = 5_000;

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  removeInvocations();
});

function runtimeOf(over: Partial<DaggerRuntimeOptions> = {}): Runtime {
  const { env, images } = engine as RealEngine;
  const runtime = createDaggerRuntime({ env, workspace: null, baseImage: images.debian, ...over });
  runtimes.push(runtime);
  return runtime;
}

function invocation(text: string, parts: Partial<InvocationParts> = {}): StageInvocation {
  return invocationOf({ steps: [script(`: ${run}; ${text}`)], ...parts });
}

function log(stage: StageInvocation, name = 'scan.stdout'): string {
  return readFileSync(join(stage.logDir, name), 'utf8');
}

/** Runs a stage in its own session. */
async function alone(stage: StageInvocation, over: Partial<DaggerRuntimeOptions> = {}): Promise<Execution> {
  const runtime = runtimeOf(over);
  const execution = await runtime.execute(stage);
  await runtime.close();
  return execution;
}

/** A command that no other process of this machine has. */
function sleeper(): string {
  return `sleep ${600 + Math.random().toString().slice(1, 12)}`;
}

describe.skipIf(engine === undefined)('the dagger runtime on a real engine', () => {
  it('runs a step on its input and brings its output, its streams and its exit code out', async () => {
    const stage = invocation('cat a.py > /out/report.json; pwd; echo no >&2; exit 1');
    expect(await alone(stage)).toMatchObject({ ok: true, sourceRoot: '/src', steps: [{ exitCode: 1 }] });
    expect(readFileSync(join(stage.outDir, 'report.json'), 'utf8')).toBe('x = 1\n');
    expect([log(stage), log(stage, 'scan.stderr')]).toEqual(['/src\n', 'no\n']);
  });

  it('gives a tool the same environment and places as the local runtime', async () => {
    const stage = invocation(
      'env | grep -v "^\\(PWD\\|OLDPWD\\|SHLVL\\|_\\)=" | sort; touch "$HOME/x" "$TMPDIR/y" /out/z && echo writable; touch /src/w || echo read-only',
    );
    expect(await alone(stage), log(stage, 'scan.stderr')).toMatchObject({ ok: true });
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

  it('runs steps one after the other on what the first left', async () => {
    const steps = [
      script(`echo ${run} > /tmp/t; exit 1`, { id: 'first' }),
      script('cat /tmp/t', { id: 'second' }),
      script('exit 7', { id: 'third' }),
      script('echo never', { id: 'fourth' }),
    ];
    const stage = invocationOf({ steps });
    expect(await alone(stage)).toMatchObject({
      ok: true,
      steps: [{ exitCode: 1 }, { exitCode: 0 }, { step: 'third', exitCode: 7 }],
    });
    expect(log(stage, 'second.stdout')).toBe(`${run}\n`);
  });

  it('has done before, in a second session, what went well, and nothing that failed', async () => {
    const said = async (code: number) => {
      const stage = invocation(`date +%s.%N; exit ${code}`);
      const execution = await alone(stage);
      expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: code }] });
      return log(stage);
    };
    // The input views and outputs lie in other folders each time: only content counts.
    expect(await said(0)).toBe(await said(0));
    expect(await said(9)).not.toBe(await said(9));
    // A crash by a signal is no result either.
    expect(await said(139)).not.toBe(await said(139));
  });

  it('does a stage again whose input changed', async () => {
    const said = async (text: string) => {
      const stage = invocation('date +%s.%N', { files: { 'a.py': text } });
      await alone(stage);
      return log(stage);
    };
    const one = await said('x = 1\n');
    expect(await said('x = 2\n')).not.toBe(one);
    expect(await said('x = 1\n')).toBe(one);
  });

  it('never takes from the engine’s cache what depends on secrets or the network', async () => {
    const said = async (parts: Partial<InvocationParts>) => {
      const stage = invocation('date +%s.%N', parts);
      expect(await alone(stage)).toMatchObject({ ok: true });
      return log(stage);
    };
    const secret = { stage: { secrets: ['TOKEN'] }, over: { secrets: { TOKEN: `hunter2-${run}` } } };
    for (const parts of [secret, { stage: { network: { egress: ['example.org'] } } }])
      expect(await said(parts as Partial<InvocationParts>)).not.toBe(
        await said(parts as Partial<InvocationParts>),
      );
  });

  it.skipIf(!engine?.here)('ends a step, and its children, when its time is over', async () => {
    const command = sleeper();
    const stage = invocation(`${command} & ${command}`, { stage: { timeoutMs: 2000 } });
    expect(await alone(stage)).toMatchObject({ ok: false, failure: { reason: 'timeout', limitMs: 2000 } });
    await until(() => processesOf(command).length === 0, 'no process left', STOPPED_MS);
  });

  it.skipIf(!engine?.here)('ends a running step when the run is interrupted', async () => {
    const command = sleeper();
    const controller = new AbortController();
    const stage = invocation(`${command}; echo never`, { over: { signal: controller.signal } });
    const execution = runtimeOf().execute(stage);
    await until(() => processesOf(command).length > 0, 'the step runs');
    controller.abort();
    expect(await execution).toEqual({ ok: false, steps: [], failure: { reason: 'interrupted' } });
    await until(() => processesOf(command).length === 0, 'no process left', STOPPED_MS);
  });

  it.skipIf(!engine?.here)('leaves nothing running when its session is closed', async () => {
    const command = sleeper();
    const runtime = runtimeOf();
    const execution = runtime.execute(invocation(command));
    await until(() => processesOf(command).length > 0, 'the step runs');
    await runtime.close();
    expect(await execution).toMatchObject({ ok: false });
    await until(() => processesOf(command).length === 0, 'no process left', STOPPED_MS);
  });

  it.skipIf(!engine?.here)('starts no more steps at a time than the engine has processors', async () => {
    const seconds = `2.${Math.random().toString().slice(2, 10)}`;
    const runtime = runtimeOf();
    const count = 2 * availableParallelism() + 1;
    const stages = Array.from({ length: count }, (_, index) => invocation(`: ${index}; sleep ${seconds}`));
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, processesOf(`sleep ${seconds}`).length);
    }, 50);
    const ended = await Promise.all(stages.map((stage) => runtime.execute(stage)));
    clearInterval(watch);
    expect(ended.map(({ ok }) => ok)).toEqual(stages.map(() => true));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(availableParallelism());
  });

  it('ends a step that takes more memory than it was given', async () => {
    const eater = `python3 -c "x = b'a' * 300_000_000; import time; time.sleep(60)"`;
    const stage = invocation(eater, { stage: { resources: { cpus: 1, memoryMb: 64 } } });
    expect(await alone(stage)).toMatchObject({
      ok: false,
      failure: { reason: 'memory', limitBytes: 64 * 2 ** 20 },
    });
  });

  it('cuts the network, takes all rights away, and leaves loopback', async () => {
    const python = [
      'import socket',
      's = socket.create_server(("127.0.0.1", 0))',
      'socket.create_connection(s.getsockname()); print("loopback")',
      'for host in ("10.87.0.1", "1.1.1.1"):',
      '  try: socket.create_connection((host, 53), 2); print("reached", host)',
      '  except OSError as e: print(e.errno)',
    ].join('\n');
    const stage = invocation(
      `grep -h "^Cap\\(Eff\\|Bnd\\)\\|^NoNewPrivs" /proc/self/status; id -u; python3 -c '${python}'`,
    );
    const execution = await alone(stage);
    expect(execution, log(stage, 'scan.stderr')).toMatchObject({ ok: true });
    expect(log(stage).split('\n')).toEqual([
      'CapEff:\t0000000000000000',
      'CapBnd:\t0000000000000000',
      'NoNewPrivs:\t1',
      '1000',
      'loopback',
      '101',
      '101',
      '',
    ]);
    expect(JSON.stringify(execution)).not.toContain('network');
  });

  it('says what it could not enforce where the base image cannot shut a tool in', async () => {
    const { busybox } = (engine as RealEngine).images;
    const stage = invocationOf({
      steps: [
        {
          id: 'scan',
          argv: ['sh', '-c', 'grep ^NoNewPrivs /proc/self/status'],
          system: true,
          exits: { '0': 'clean' },
        },
      ],
    });
    const runtime = runtimeOf({ baseImage: busybox });
    const execution = await runtime.execute(stage);
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    // Seen, not supposed: nothing in that image takes a way to new rights away.
    expect(log(stage)).toBe('NoNewPrivs:\t0\n');
    expect(runtime.attacks?.worked).toContain('gain rights by starting a program');
    const said = execution.ok ? (execution.notEnforced ?? []) : [];
    expect(said).toContain('network: the engine or the image cannot disable it');
    expect(said).toContain('sandbox: a scanner can gain rights by starting a program');
    expect(said).toContainEqual(expect.stringMatching(/^sandbox: .* be shut in/));
  });

  it('shuts in a tool of an image of its own, without a shell, through the mirror', async () => {
    const { images } = engine as RealEngine;
    const [registry, rest] = [
      images.bare.slice(0, images.bare.indexOf('/')),
      images.bare.slice(images.bare.indexOf('/') + 1),
    ];
    const stage = invocationOf({
      steps: [{ id: 'scan', argv: ['printf', run], stdout: 'report', exits: { '0': 'clean' } }],
    });
    const tool = { ...stage.tool, executable: 'printf', image: `registry.example/${rest}` };
    const execution = await alone({ ...stage, tool }, { registryMirror: registry });
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 0 }] });
    expect(log(stage)).toBe(run);
    expect(JSON.stringify(execution)).not.toMatch(/network|sandbox|no shell/);
    // Without a base image around it there is nothing that could.
    const again = invocationOf({ steps: [...stage.tool.provider.steps] });
    const bare = await alone({ ...again, tool }, { registryMirror: registry, baseImage: images.busybox });
    expect(JSON.stringify(bare)).toContain('the image has no shell');
  });

  it('says that an image cannot be had: the stage’s fault, not the engine’s', async () => {
    const { images } = engine as RealEngine;
    const baseImage = images.debian.replace(/@sha256:.*/, `@sha256:${'0'.repeat(64)}`);
    expect(await alone(invocation('true'), { baseImage })).toMatchObject({
      ok: false,
      failure: { reason: 'install-failed' },
    });
  });

  it('keeps a secret’s plain value out of logs and errors, whatever way it is written', async () => {
    const value = `s3cr3t/${run}+x`;
    // As it is, split over two writes, backwards, and in what is often made of values.
    const python = [
      'import base64, os, sys, time, urllib.parse',
      'v = os.environ["TOKEN"]; w = sys.stdout.write; b = v.encode()',
      'w(v + "\\n"); w(v[:9]); sys.stdout.flush(); time.sleep(0.2); w(v[9:] + "\\n")',
      'sys.stderr.write(" ".join([base64.b64encode(b).decode(), b.hex(), urllib.parse.quote(v, safe=""), v[::-1]]))',
      'sys.exit(9)',
    ].join('\n');
    const stage = invocation(`python3 -c '${python}'`, {
      stage: { secrets: ['TOKEN'] },
      over: { secrets: { TOKEN: value }, redactor: createStoreRedactor([value]) },
    });
    const execution = await alone(stage);
    expect(execution).toMatchObject({ ok: true, steps: [{ exitCode: 9 }] });
    const left = `${log(stage)}${log(stage, 'scan.stderr')}${JSON.stringify(execution)}`;
    expect(left.length).toBeGreaterThan(10);
    const bytes = Buffer.from(value);
    for (const form of [
      value,
      bytes.toString('base64'),
      bytes.toString('hex'),
      [...value].reverse().join(''),
    ])
      expect(left).not.toContain(form);
  });
});

describe.skipIf(engine === undefined || !engine.here)('a real engine that is lost', () => {
  it('is the machine’s failure, while a step runs and after', async () => {
    const { env } = engine as RealEngine;
    await using line = await lineTo(engine as RealEngine);
    const command = sleeper();
    const runtime = runtimeOf({ env: { ...env, _EXPERIMENTAL_DAGGER_RUNNER_HOST: line.address } });
    const execution = runtime.execute(invocation(command));
    await until(() => processesOf(command).length > 0, 'the step runs');
    line.cut();
    expect(await execution).toMatchObject({ ok: false, failure: { reason: 'engine' } });
    expect(await runtime.execute(invocation('true'))).toMatchObject({
      ok: false,
      failure: { reason: 'engine' },
    });
    await until(() => processesOf(command).length === 0, 'no process left', STOPPED_MS);
  });

  it('is no engine where nobody listens', async () => {
    const told: string[] = [];
    const { env } = engine as RealEngine;
    const execution = await alone(invocation('true'), {
      env: { ...env, _EXPERIMENTAL_DAGGER_RUNNER_HOST: 'unix:///nobody/listens.sock' },
      limits: { connectMs: 3000, graceMs: 200 },
      onDiagnostic: ({ code, help }) => told.push(`${code} ${help}`),
    });
    expect(execution).toMatchObject({ ok: false, failure: { reason: 'engine' } });
    expect(told).toEqual([expect.stringMatching(/^SP5100 .*unix:\/\/\/nobody/)]);
  });
});
