import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { checkGolden, updateGolden } from '../../src/api/golden.ts';
import type { GoldenReport } from '../../src/evidence/golden/compare-golden.ts';
import type { Summary } from '../../src/evidence/summary.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { type ExampleWorkspace, exampleWorkspace, filesBelow, ROOT, readJson } from './workspace.ts';

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

type Loose = ReturnType<typeof JSON.parse>;

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
    const where = ['--manifest', '../profiles/secplan.json', '--workspace', '.'];
    const { code, stderr } = await place.secplan('run', '--profile', profile, ...where);
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
    if (process.env.UPDATE_GOLDEN !== '1') continue;
    const updated = await updateGolden({ cwd: ROOT, name: profile, bundle });
    if (!updated.ok)
      throw new Error(`${profile}: ${updated.diagnostics.map(({ summary }) => summary).join('; ')}`);
  }
}, INSTALL_MS);

afterAll(() => place?.[Symbol.dispose]());

async function check(profile: string, bundle: string): Promise<GoldenReport> {
  const report = await checkGolden({ cwd: ROOT, name: profile, bundle });
  if (!report.ok) throw new Error(JSON.stringify(report.diagnostics));
  return report.value;
}

/** The report of a copy of the profile's bundle that was spoiled. */
async function planted(
  context: TestContext,
  profile: string,
  spoil: (copy: string) => void,
): Promise<GoldenReport> {
  const bundle = bundles.get(profile);
  if (bundle === undefined) return context.skip(lacking.get(profile));
  const copy = mkdtempSync(join(tmpdir(), 'secplan-bundle-'));
  try {
    cpSync(bundle, copy, { recursive: true });
    spoil(copy);
    return await check(profile, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function edit(dir: string, path: string, change: (value: Loose) => void): void {
  const before = readFileSync(join(dir, path), 'utf8');
  const value = JSON.parse(before);
  change(value);
  expect(value).not.toEqual(JSON.parse(before));
  writeFileSync(join(dir, path), JSON.stringify(value));
}

const changesOf = ({ changes }: GoldenReport) => changes.map(({ kind, path }) => `${kind} ${path}`);

describe.each(PROFILES)('the golden of %s', (profile, tool) => {
  test('is equal to a run on a fresh cache, by pinned tools', async (context) => {
    expect(await planted(context, profile, () => {})).toMatchObject({ equal: true, changes: [], tools: [] });
    const { tools } = readJson<Summary>(bundles.get(profile) ?? '', 'summary.json');
    expect(tools.filter(({ pinned }) => !pinned)).toEqual([]);
  });

  test('does not tell runtimes, runs and machines apart', async (context) => {
    const report = await planted(context, profile, (copy) =>
      edit(copy, 'summary.json', (summary) => {
        Object.assign(summary, {
          runtime: 'dagger',
          notEnforced: ['network'],
          bundle: 'other',
          startedAt: '2020-01-01T00:00:00.000Z',
        });
        for (const one of summary.tools) one.cached = !one.cached;
      }),
    );
    expect(changesOf(report)).toEqual([]);
  });

  test('catches a file that is missing', async (context) => {
    const report = await planted(context, profile, (copy) => rmSync(join(copy, 'ruff.txt')));
    expect(changesOf(report)).toEqual(['missing ruff.txt']);
  });

  test('catches a file too many', async (context) => {
    const report = await planted(context, profile, (copy) =>
      writeFileSync(join(copy, 'reports/stray.json'), '{}'),
    );
    expect(changesOf(report)).toEqual(['extra reports/stray.json']);
  });

  test('catches a document that breaks its schema', async (context) => {
    const report = await planted(context, profile, (copy) =>
      edit(copy, 'findings.sarif', (log) => {
        log.runs[0].results[0].level = 'dreadful';
      }),
    );
    expect(changesOf(report)).toEqual(
      expect.arrayContaining(['invalid findings.sarif', 'changed findings.sarif']),
    );
  });

  test('catches another report of a tool, where only its digest is kept, too', async (context) => {
    const report = await planted(context, profile, (copy) =>
      edit(copy, 'reports/sast/ruff.raw.sarif', (log) => log.runs[0].results.pop()),
    );
    expect(changesOf(report)).toEqual(['changed reports/sast/ruff.raw.sarif']);
  });

  test('catches a finding of another severity, and says where', async (context) => {
    const report = await planted(context, profile, (copy) =>
      edit(copy, 'findings.sarif', (log) => {
        const { properties } = log.runs[0].results.find((one: Loose) => one.properties.severity === 'high');
        properties.severity = 'low';
      }),
    );
    expect(report.changes).toMatchObject([
      { kind: 'changed', path: 'findings.sarif', differences: [{ before: '"high"', after: '"low"' }] },
    ]);
  });

  test('names the old and the new version of a tool', async (context) => {
    let before = '';
    const report = await planted(context, profile, (copy) =>
      edit(copy, 'summary.json', ({ tools }) => {
        const used = tools.find((one: Loose) => one.stage === tool);
        before = `${used.name} ${used.version}`;
        used.version = '999.0';
      }),
    );
    expect(report.equal).toBe(false);
    expect(report.tools).toEqual([{ stage: tool, before, after: `${before.split(' ')[0]} 999.0` }]);
  });
});

test('the goldens are small', () => {
  const bytes = PROFILES.flatMap(([profile]) =>
    filesBelow(join(ROOT, 'golden', profile)).map(
      (path) => readFileSync(join(ROOT, 'golden', profile, path)).length,
    ),
  ).reduce((sum, one) => sum + one, 0);
  expect(bytes).toBeLessThan(4_000_000);
});
