import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkGolden } from '../../../src/app/golden/golden.ts';
import type { Summary } from '../../../src/evidence/bundle/summary.ts';
import type { Verdict } from '../../../src/policy/verdict.ts';
import { realEngine } from '../../dagger-engine/real-engine.ts';
import type { CliResult } from '../../support/cli.ts';
import { installedWithSdk } from '../../support/installed.ts';
import { type ExampleWorkspace, exampleWorkspace, ROOT, readJson } from '../workspace.ts';
import { compareBundles } from './compare-bundles.ts';

const engine = realEngine();
// Real scanners, installed first where they are missing, and uploaded to the engine once.
const RUNS_MS = 20 * 60_000;

interface Ran {
  readonly result: CliResult;
  readonly bundle: string;
}

describe.skipIf(engine === undefined)('the light profile on this machine and on a real engine', () => {
  let place: ExampleWorkspace;
  let local: Ran;
  let dagger: Ran;
  let again: Ran;
  let logBefore = '';
  let logAfter = '';

  async function run(runtime: string): Promise<Ran> {
    // Nothing of secplan's own cache, each time.
    rmSync(place.cache, { recursive: true, force: true });
    const env = { ...engine?.env, SECPLAN_DAGGER_BASE_IMAGE: engine?.images.debian } as Record<
      string,
      string
    >;
    const result = await place.secplanWith(env, 'run', '--profile', 'light', '--runtime', runtime);
    return { result, bundle: place.latest() };
  }

  beforeAll(async () => {
    place = exampleWorkspace('light-python', installedWithSdk());
    local = await run('local');
    dagger = await run('dagger');
    logBefore = engine?.log() ?? '';
    again = await run('dagger');
    logAfter = engine?.log() ?? '';
  }, RUNS_MS);

  afterAll(() => place?.[Symbol.dispose]());

  test('every scanner is done on both, and the budget is exceeded on both', () => {
    for (const { result, bundle } of [local, dagger, again]) {
      expect(result.code, result.stderr).toBe(1);
      const verdict = readJson<Verdict>(bundle, 'verdict.json');
      const states = verdict.coverage.entries.filter(({ state }) => state !== 'disabled');
      expect(states.length).toBeGreaterThan(5);
      expect(states.filter(({ state }) => state !== 'done')).toEqual([]);
    }
    expect(readJson<Summary>(dagger.bundle, 'summary.json')).toMatchObject({ runtime: 'dagger' });
  });

  test('the bundles are equal, file by file, after normalisation', () => {
    expect(compareBundles(local.bundle, dagger.bundle)).toEqual([]);
    expect(compareBundles(dagger.bundle, again.bundle)).toEqual([]);
  });

  test('either holds against the one golden', async () => {
    for (const { bundle } of [local, dagger, again]) {
      const report = await checkGolden({ cwd: ROOT, name: 'light-python', bundle });
      expect(report).toMatchObject({ ok: true, value: { equal: true, changes: [], tools: [] } });
    }
  });

  test('says what the engine does not enforce, and cuts the network of every stage', () => {
    const { notEnforced } = readJson<Summary>(dagger.bundle, 'summary.json');
    expect(notEnforced).toEqual([
      expect.stringMatching(/^CPU share/),
      expect.stringMatching(/^memory limit by polling/),
      expect.stringMatching(/^user: /),
    ]);
    const statement = readFileSync(join(dagger.bundle, 'attestation.intoto.json'), 'utf8');
    const { internalParameters } = JSON.parse(statement).predicate.buildDefinition;
    expect(internalParameters).toMatchObject({ notEnforced, sandboxAttacks: { worked: [] } });
    expect(internalParameters.sandboxAttacks.tried.length).toBeGreaterThan(5);
  });

  test.skipIf(!engine?.hasLog)(
    'a second session has all of it in the engine’s cache and starts nothing',
    () => {
      expect(started(logBefore)).toBeGreaterThan(5);
      expect(logAfter.length).toBeGreaterThan(logBefore.length);
      expect(started(logAfter.slice(logBefore.length))).toBe(0);
    },
  );
});

/** How many commands the engine started, by its own log. */
function started(log: string): number {
  return log.split('msg="starting container"').length - 1;
}

describe('the comparison itself', () => {
  const dirs: string[] = [];
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });

  function pair(): [string, string] {
    const dir = mkdtempSync(join(tmpdir(), 'secplan-parity-'));
    dirs.push(dir);
    const [a, b] = [join(dir, 'a'), join(dir, 'b')];
    for (const side of [a, b]) {
      cpSync(new URL('../../../golden/light-python/files', import.meta.url), side, { recursive: true });
      writeFileSync(join(side, 'ruff.txt'), 'app.py:1:1 S101\n');
    }
    return [a, b];
  }

  test('finds bundles equal whose times and runtimes differ', () => {
    const [a, b] = pair();
    const summary = readJson<Record<string, unknown>>(a, 'summary.json');
    writeFileSync(join(b, 'summary.json'), JSON.stringify({ ...summary, runtime: 'dagger', startedAt: 'x' }));
    expect(compareBundles(a, b)).toEqual([]);
  });

  test('finds a finding, a file and a byte that only one has', () => {
    const [a, b] = pair();
    appendFileSync(join(b, 'ruff.txt'), ' ');
    writeFileSync(join(a, 'more.json'), '{}');
    const verdict = readFileSync(join(b, 'verdict.json'), 'utf8');
    writeFileSync(join(b, 'verdict.json'), verdict.replace('"fail"', '"pass"'));
    const differences = compareBundles(a, b);
    expect(differences).toContain('more.json: only in the first');
    expect(differences).toContain('ruff.txt: other text');
    expect(differences.find((line) => line.startsWith('verdict.json'))).toMatch(/fail.*pass/);
  });
});
