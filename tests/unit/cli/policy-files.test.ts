import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliPlace, cliPlace } from '../../support/cli.ts';
import { MINE, manifestOf, SCANNER } from '../../support/custom-world.ts';

// What results are judged by is no scanner's input: an edit of it re-runs nothing, and a golden does not change what it records.

function placeOf(): CliPlace {
  const place = cliPlace();
  write(place, 'scan.py', SCANNER);
  chmodSync(join(place.dir, 'scan.py'), 0o755);
  write(place, 'a.txt', 'FIXME\n');
  manifest(place, {});
  git(place, 'init', '-q');
  commit(place);
  return place;
}

function write({ dir }: CliPlace, path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

function manifest(place: CliPlace, over: Readonly<Record<string, unknown>>): void {
  write(place, 'secplan.json', JSON.stringify(manifestOf(over)));
}

function git({ dir, env }: CliPlace, ...args: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  execFileSync('git', [...identity, ...args], { cwd: dir, env: { ...env, GIT_CONFIG_NOSYSTEM: '1' } });
}

function commit(place: CliPlace): void {
  git(place, 'add', '.');
  git(place, 'commit', '-qm', 'all');
}

interface Scanned {
  readonly cached: boolean;
  readonly files: number;
  readonly outcome: string;
}

async function run(place: CliPlace): Promise<Scanned> {
  const { stdout, stderr } = await place.secplan(['run', '--profile', 'own', '--json']);
  const { summary, verdict } = JSON.parse(stdout);
  const tool = summary.tools.find((entry: { stage: string }) => entry.stage === 'mine');
  expect(tool, stderr).toBeDefined();
  return { cached: tool.cached, files: verdict.coverage.workspace.files, outcome: verdict.outcome };
}

const STRICT = { policy: { budgets: { default: { info: 0, low: 0 } } } };
const WAIVER = { match: { rule: 'fixme' }, reason: 'known', owner: 'a@example.org', expires: '2099-01-01' };

test('an edit of budgets, waivers, the baseline, VEX or a golden re-runs no scanner', async () => {
  using place = placeOf();
  const first = await run(place);
  expect(first).toEqual({ cached: false, files: 2, outcome: 'pass' });
  manifest(place, STRICT);
  expect(await run(place)).toEqual({ ...first, cached: true, outcome: 'fail' });
  manifest(place, { policy: { ...STRICT.policy, waivers: [WAIVER] } });
  expect(await run(place)).toEqual({ ...first, cached: true });
  expect((await place.secplan(['baseline', 'create'])).code).toBe(0);
  expect(await run(place)).toEqual({ ...first, cached: true });
  write(place, 'vex.json', JSON.stringify(VEX));
  manifest(place, { policy: { vex: ['vex.json'] } });
  expect(await run(place)).toEqual({ ...first, cached: true });
  expect((await place.secplan(['golden', 'update'])).code).toBe(0);
  expect(await run(place)).toEqual({ ...first, cached: true });
  write(place, 'a.txt', 'nothing\n');
  expect(await run(place)).toEqual({ ...first, cached: false });
});

const VEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.org/vex/1',
  author: 'a',
  timestamp: '2026-01-01T00:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-0001' },
      products: [{ '@id': 'pkg:pypi/own' }],
      status: 'not_affected',
      justification: 'component_not_present',
    },
  ],
};

test('the how-to of goldens holds: the first check after the update passes, before and after the commit', async () => {
  using place = placeOf();
  const steps = async () => {
    await run(place);
    return place.secplan(['golden', 'check', 'own']);
  };
  await run(place);
  expect((await place.secplan(['golden', 'update', 'own'])).code).toBe(0);
  const before = await steps();
  expect(before.stdout + before.stderr).not.toMatch(/differs|changed/);
  expect(before.code).toBe(0);
  commit(place);
  expect((await steps()).code).toBe(0);
  write(place, 'b.txt', 'FIXME\n');
  expect((await steps()).code).toBe(5);
});

test('a file beside a golden that no run leaves is scanned', async () => {
  using place = placeOf();
  await run(place);
  await place.secplan(['golden', 'update', 'own']);
  const file = join(place.dir, 'golden/own/golden.json');
  const golden = JSON.parse(readFileSync(file, 'utf8'));
  golden.artifacts.push({ ...golden.artifacts[0], path: 'evil.py' });
  writeFileSync(file, JSON.stringify(golden));
  write(place, 'golden/own/files/evil.py', 'x\n');
  write(place, 'golden/own/files/other.json', '{}\n');
  write(place, 'golden/fake/golden.json', '{}\n');
  expect((await run(place)).files).toBe(5);
});

test('a scanner that names the manifest among its inputs reads it', async () => {
  using place = placeOf();
  const reads = (inputs: readonly string[]) => ({
    tools: { custom: { mine: { ...MINE, inputs } } },
    profiles: { own: { tools: { enable: ['mine'] } } },
  });
  manifest(place, reads(['*.txt', 'secplan.json']));
  await run(place);
  expect((await run(place)).cached).toBe(true);
  manifest(place, { ...reads(['*.txt', 'secplan.json']), ...STRICT });
  expect((await run(place)).cached).toBe(false);
});
