import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { filesBelow, readJson } from '../e2e/workspace.ts';
import { startCli } from '../support/cli.ts';
import { installedWithSdk } from '../support/installed.ts';
import { lineTo, processesOf, type RealEngine, realEngine, until } from './real-engine.ts';

const engine = realEngine();
const bin = engine === undefined ? undefined : installedWithSdk();
/** Different in every run of the tests: see runtime.test.ts. */
const run = crypto.randomUUID();

const places: Place[] = [];
afterEach(() => {
  for (const { base } of places.splice(0)) rmSync(base, { recursive: true, force: true });
});

interface Place {
  readonly base: string;
  readonly bundle: string;
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** A workspace with one custom stage, which starts `scan.sh`. */
function place(script: string, stage: object = {}, manifest: object = {}): Place {
  const base = mkdtempSync(join(tmpdir(), 'secplan-runs-'));
  const write = (name: string, text: string) => writeFileSync(join(base, name), text);
  write('scan.sh', `#!/bin/sh\n: ${run}\n${script}\n`);
  chmodSync(join(base, 'scan.sh'), 0o755);
  write('a.py', 'x = 1\n');
  write(
    'secplan.json',
    JSON.stringify({
      apiVersion: 'secplan/v1',
      metadata: { name: 'runs' },
      tools: {
        custom: { mine: { command: ['./scan.sh'], inputs: ['scan.sh', 'a.py'], report: 'sarif', ...stage } },
      },
      profiles: { own: { tools: { enable: ['mine'] } } },
      ...manifest,
    }),
  );
  const made = { base, bundle: join(base, 'bundles/latest') };
  places.push(made);
  return made;
}

function start({ base }: Place, env: Readonly<Record<string, string | undefined>> = {}, ...args: string[]) {
  const { env: surroundings, images } = engine as RealEngine;
  const options = ['--profile', 'own', '--runtime', 'dagger', '--trust-workspace', '--export-dir', 'bundles'];
  const own = {
    SECPLAN_CACHE_DIR: join(base, 'cache'),
    SECPLAN_TOOLS_DIR: join(base, 'tools'),
    SECPLAN_DAGGER_BASE_IMAGE: images.debian,
    NO_COLOR: '1',
  };
  const { child } = startCli(['run', ...options, ...args], base, { ...surroundings, ...own, ...env }, bin);
  return { child, ended: endOf(child) };
}

function endOf(child: ChildProcess): Promise<Ended> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

/** A script that reports one finding with a message, and ends with a code. */
function reporting(message: string, code = 1): string {
  const sarif = {
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mine' } },
        artifacts: [{ location: { uri: 'a.py' } }],
        results: [
          {
            ruleId: 'r1',
            level: 'note',
            message: { text: 'MESSAGE' },
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'a.py' }, region: { startLine: 1 } } },
            ],
          },
        ],
      },
    ],
  };
  const [before, after] = JSON.stringify(sarif).split('MESSAGE');
  return `printf '%s' '${before}'; ${message}; printf '%s' '${after}'; exit ${code}`;
}

function sleeper(): string {
  return `sleep ${600 + Math.random().toString().slice(1, 12)}`;
}

function incomplete({ bundle }: Place) {
  const { outcome, exitCode, incomplete: list } = readJson<Verdict>(bundle, 'verdict.json');
  return { outcome, exitCode, incomplete: JSON.stringify(list) };
}

describe.skipIf(engine === undefined)('secplan run on a real engine', () => {
  it('runs a stage of one’s own in the image that it names, with its files at hand', async () => {
    const { images } = engine as RealEngine;
    const where = place(reporting('ls -d /bin/busybox | tr -d "\\n"; head -c 5 a.py'), {
      image: images.busybox,
      exits: { '1': 'findings' },
    });
    const { code, said } = await start(where).ended;
    expect(code, said).toBe(0);
    const text = readFileSync(join(where.bundle, 'findings.sarif'), 'utf8');
    expect(text).toContain('/bin/busybox');
    expect(readJson<Summary>(where.bundle, 'summary.json').tools).toMatchObject([
      { stage: 'mine', provider: 'image', pinned: true },
    ]);
  });

  it('gives findings, and in a second session the same out of the engine’s cache', async () => {
    const where = place(reporting('date +%s.%N | tr -d "\\n"'));
    const finding = async () => {
      rmSync(join(where.base, 'cache'), { recursive: true, force: true });
      const { code, said } = await start(where).ended;
      expect(code, said).toBe(0);
      expect(readJson<Summary>(where.bundle, 'summary.json')).toMatchObject({
        runtime: 'dagger',
        tools: [{ cached: false }],
      });
      return readFileSync(join(where.bundle, 'findings.sarif'), 'utf8').match(/\d{10}\.\d{9}/)?.[0];
    };
    const first = await finding();
    expect(first).toBeDefined();
    expect(await finding()).toBe(first);
  });

  it('tells a scanner that fails from an engine that is lost', async () => {
    const failing = place('echo no; exit 9');
    expect((await start(failing).ended).code).toBe(4);
    expect(incomplete(failing)).toMatchObject({ outcome: 'incomplete', exitCode: 4 });

    await using line = await lineTo(engine as RealEngine);
    const command = sleeper();
    const lost = place(`${command}; ${reporting('echo')}`);
    const { ended } = start(lost, { _EXPERIMENTAL_DAGGER_RUNNER_HOST: line.address });
    await until(() => processesOf(command).length > 0, 'the step runs');
    line.cut();
    expect((await ended).code).toBe(3);
    expect(incomplete(lost)).toMatchObject({ outcome: 'incomplete', exitCode: 3 });
    await until(() => processesOf(command).length === 0, 'no process left', 5000);
  });

  it('stops a stage at its timeout, and calls it incomplete', async () => {
    const command = sleeper();
    const where = place(`${command}; ${reporting('echo')}`, { timeout: '2s' });
    const { ended } = start(where);
    await until(() => processesOf(command).length > 0, 'the step runs');
    expect((await ended).code).toBe(4);
    expect(incomplete(where).incomplete).toContain('mine');
    await until(() => processesOf(command).length === 0, 'no process left', 5000);
  });

  it('stops what runs when it is interrupted', async () => {
    const command = sleeper();
    const where = place(`${command}; ${reporting('echo')}`);
    const { child, ended } = start(where);
    await until(() => processesOf(command).length > 0, 'the step runs');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await until(() => processesOf(command).length === 0, 'no process left', 5000);
  });

  it('lets nothing run on after it was killed', async () => {
    const command = sleeper();
    const { child, ended } = start(place(`${command}; ${reporting('echo')}`));
    await until(() => processesOf(command).length > 0, 'the step runs');
    child.kill('SIGKILL');
    await ended;
    await until(() => processesOf(command).length === 0, 'no process left', 5000);
  });

  it('says what to do where no engine answers', async () => {
    const where = place(reporting('echo'));
    const { code, said } = await start(where, { _EXPERIMENTAL_DAGGER_CLI_BIN: '/nobody/dagger' }).ended;
    expect(code, said).toBe(3);
    expect(said).toMatch(/SP5100[\s\S]*dagger/);
    expect(incomplete(where)).toMatchObject({ outcome: 'incomplete', exitCode: 3 });
  });

  it('takes engine and mirror from the manifest', async () => {
    const { address, images } = engine as RealEngine;
    const at = images.debian.indexOf('/');
    const runtime = { engine: address, registryMirror: images.debian.slice(0, at) };
    const where = place(reporting('printf x'), {}, { runtime });
    const { code, said } = await start(where, {
      _EXPERIMENTAL_DAGGER_RUNNER_HOST: undefined,
      SECPLAN_DAGGER_BASE_IMAGE: `registry.example${images.debian.slice(at)}`,
    }).ended;
    expect(code, said).toBe(0);
    const without = place(reporting('printf x'), {}, { runtime: { engine: address } });
    const { code: other } = await start(without, {
      _EXPERIMENTAL_DAGGER_RUNNER_HOST: undefined,
      SECPLAN_DAGGER_BASE_IMAGE: `registry.example${images.debian.slice(at)}`,
    }).ended;
    expect(other).toBe(4);
  });

  it('keeps a secret out of everything that it leaves', async () => {
    const value = `s3cr3t/${run}+x\nsecond-line-${run}`;
    const python = [
      'import base64, os, sys, time, urllib.parse',
      'v = os.environ["TOKEN"]; b = v.encode(); e = sys.stderr',
      'forms = [v, base64.b64encode(b).decode(), b.hex(), urllib.parse.quote(v, safe=""), v[::-1]]',
      'for f in forms: e.write(f[:9]); e.flush(); time.sleep(0.05); e.write(f[9:] + "\\n")',
      'sys.stdout.write(" ".join(f.replace("\\n", " ") for f in forms) + " " + v.split("\\n")[1])',
    ].join('\n');
    const where = place(
      reporting(`python3 - <<'EOF'\n${python}\nEOF\n:`),
      { secrets: ['TOKEN'] },
      { secrets: { TOKEN: 'env:TOKEN' } },
    );
    const before = (engine as RealEngine).log().length;
    const { code, said } = await start(where, { TOKEN: value }).ended;
    expect(code, said).toBe(0);
    const log = (engine as RealEngine).log().slice(before);
    if ((engine as RealEngine).hasLog) expect(log).toContain('starting container');
    const bytes = Buffer.from(value);
    const forms = [
      ...value.split('\n'),
      bytes.toString('base64'),
      bytes.toString('hex'),
      encodeURIComponent(value),
      [...value].reverse().join(''),
    ];
    const left = new Map([
      ['what it said', said],
      ['the engine’s log', log],
    ]);
    for (const path of filesBelow(where.base)) left.set(path, readFileSync(join(where.base, path), 'latin1'));
    // It was there to be taken out.
    expect(left.get(relative(where.base, realpathSync(join(where.bundle, 'findings.sarif'))))).toContain(
      '[redacted]',
    );
    expect([...left.keys()].filter((path) => path.startsWith('cache/')).length).toBeGreaterThan(0);
    expect([...left.keys()].filter((path) => path.startsWith('bundles/')).length).toBeGreaterThan(10);
    for (const [name, text] of left) {
      const found = forms.filter((form) => text.includes(form));
      expect(found, name).toEqual([]);
    }
  });
});
