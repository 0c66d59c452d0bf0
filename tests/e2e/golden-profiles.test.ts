import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { describeGolden, updatedGolden } from './golden-plants.ts';
import { compareBundles } from './parity/compare-bundles.ts';
import { type ExampleWorkspace, exampleWorkspace, ROOT, readJson } from './workspace.ts';

// Real scanners; a fresh machine installs them first. The light profile has its own file.
const INSTALL_MS = 20 * 60_000;
/** The widest first: the others find its stages in the cache. Each with a tool whose version is then changed. */
const PROFILES = [
  ['full', 'cppcheck'],
  ['standard', 'checkov'],
  ['medium', 'flawfinder'],
  ['fast', 'bandit'],
  ['smoke', 'ruff'],
] as const;

let place: ExampleWorkspace;
const bundles = new Map<string, string>();
/** What could not be installed, by profile. */
const lacking = new Map<string, string>();

beforeAll(async () => {
  place = exampleWorkspace('light-python');
  // Where it lies in the repository, too: a bundle names its manifest's place.
  const manifest = join(dirname(place.dir), 'profiles/secplan.json');
  mkdirSync(dirname(manifest));
  cpSync(join(ROOT, 'manifests/examples/profiles/secplan.json'), manifest);
  for (const [profile] of PROFILES) {
    const { code, stderr } = await run(profile);
    const bundle = place.latest();
    const { incomplete } = readJson<Verdict>(bundle, 'verdict.json');
    const absent = [...stderr.matchAll(/^(\S+) +incomplete: (install failed.*)$/gm)].map(([line]) => line);
    if (absent.length > 0 && absent.length === incomplete.length) {
      lacking.set(profile, absent.join('; '));
      process.stderr.write(`SKIPPED: golden ${profile}: ${absent.join('; ')}\n`);
      continue;
    }
    expect([profile, code, incomplete], stderr).toEqual([profile, 1, []]);
    bundles.set(profile, bundle);
    await updatedGolden({ name: profile, bundle });
  }
}, INSTALL_MS);

const run = (profile: string) =>
  place.secplan('run', '--profile', profile, '--manifest', '../profiles/secplan.json', '--workspace', '.');

afterAll(() => place?.[Symbol.dispose]());

describe.each(PROFILES)('%s', (profile, tool) => {
  describeGolden(profile, () => ({
    name: profile,
    bundle: bundles.get(profile) ?? { lacking: lacking.get(profile) ?? 'no bundle' },
    tool,
    report: 'reports/sast/ruff.raw.sarif',
    lose: (log) => log.runs[0].results.pop(),
  }));

  test('runs pinned tools only', (context) => {
    const bundle = bundles.get(profile);
    if (bundle === undefined) return context.skip(lacking.get(profile));
    const { tools } = readJson<Summary>(bundle, 'summary.json');
    expect(tools.length).toBeGreaterThan(1);
    expect(tools.filter(({ pinned }) => !pinned)).toEqual([]);
  });
});

test('a second run of the widest, out of the cache, leaves a bundle equal to the first', async (context) => {
  const fresh = bundles.get('full');
  if (fresh === undefined) return context.skip(lacking.get('full'));
  expect((await run('full')).code).toBe(1);
  const warm = place.latest();
  expect(warm).not.toBe(fresh);
  const { tools } = readJson<Summary>(warm, 'summary.json');
  expect(tools.filter(({ cached }) => !cached)).toEqual([]);
  expect(compareBundles(fresh, warm)).toEqual([]);
});
