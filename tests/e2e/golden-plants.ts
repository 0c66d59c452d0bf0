import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { checkGolden, type GoldenRequest, updateGolden } from '../../src/app/golden/golden.ts';
import type { GoldenReport } from '../../src/evidence/golden/compare-golden.ts';
import { type CliResult, startCli } from '../support/cli.ts';
import { filesBelow, ROOT } from './workspace.ts';

type Loose = ReturnType<typeof JSON.parse>;

/** A bundle that a run left, and its golden. */
export interface GoldenSubject {
  /** Name of the golden below `golden/`. */
  readonly name: string;
  /** Folder of the bundle; or, where the run could not have its tools, why. */
  readonly bundle: string | { readonly lacking: string };
  /** The stage whose tool is given another version. */
  readonly tool: string;
  /** A tool's own report, of which the golden keeps a digest only. */
  readonly report: string;
  /** What is taken out of that report. */
  readonly lose: (report: Loose) => void;
}

interface Plant {
  readonly kind: string;
  readonly spoil: (copy: string, subject: GoldenSubject) => void;
  /** `kind path` of every difference there is to be. */
  readonly changes: (subject: GoldenSubject) => readonly string[];
  /** A place in the first document that is to be told with what was there and what is. */
  readonly difference?: object;
}

/** One planted change of each kind that a golden is to catch; none hangs on what the profile holds. */
const PLANTS: readonly Plant[] = [
  {
    kind: 'a file that is missing',
    spoil: (copy) => rmSync(join(copy, 'ruff.txt')),
    changes: () => ['missing ruff.txt'],
  },
  {
    kind: 'a file of which only the presence counts, and which is missing',
    spoil: (copy) => rmSync(join(copy, 'report.html')),
    changes: () => ['missing report.html'],
  },
  {
    kind: 'a file too many',
    spoil: (copy) => writeFileSync(join(copy, 'reports/stray.json'), '{}'),
    changes: () => ['extra reports/stray.json'],
  },
  {
    kind: 'a document that breaks its schema',
    spoil: (copy) =>
      edit(copy, 'findings.sarif', (log) => {
        log.runs[0].results[0].level = 'dreadful';
      }),
    changes: () => ['invalid findings.sarif', 'changed findings.sarif'],
    difference: { after: '"dreadful"' },
  },
  {
    kind: 'a document that is cut off',
    spoil: (copy) => truncateSync(join(copy, 'manifest-info.json'), 40),
    changes: () => ['invalid manifest-info.json', 'changed manifest-info.json'],
  },
  {
    kind: 'a document of another schema',
    spoil: (copy) =>
      edit(copy, 'manifest-info.json', (info) => {
        info.schema = 'https://secplan.dev/schema/manifest-info/v2';
      }),
    changes: () => ['invalid manifest-info.json', 'changed manifest-info.json'],
    difference: { at: '/schema', after: '"https://secplan.dev/schema/manifest-info/v2"' },
  },
  {
    kind: 'a finding of another severity',
    spoil: (copy) =>
      edit(copy, 'findings.sarif', (log) => {
        const { properties } = log.runs[0].results.find((one: Loose) => one.properties.severity === 'high');
        properties.severity = 'low';
      }),
    changes: () => ['changed findings.sarif'],
    difference: { at: expect.stringMatching(/\/properties\/severity$/), before: '"high"', after: '"low"' },
  },
  {
    kind: 'a finding less',
    spoil: (copy) => edit(copy, 'findings.sarif', (log) => log.runs[0].results.pop()),
    changes: () => ['changed findings.sarif'],
    difference: { at: expect.stringMatching(/^\/runs\/0\/results\//), before: expect.any(String) },
  },
  {
    kind: 'another line of a text',
    spoil: (copy) => {
      const file = join(copy, 'ruff.txt');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/ S\d+ /, ' S999 '));
    },
    changes: () => ['changed ruff.txt'],
  },
  {
    kind: 'another report of a tool, of which only the digest is kept',
    spoil: (copy, { report, lose }) => edit(copy, report, lose),
    changes: ({ report }) => [`changed ${report}`],
  },
  {
    kind: 'another verdict',
    spoil: (copy) =>
      edit(copy, 'verdict.json', (verdict) => {
        Object.assign(verdict, { outcome: 'pass', exitCode: 0 });
      }),
    changes: () => ['changed verdict.json'],
    difference: { at: '/outcome', before: '"fail"', after: '"pass"' },
  },
  {
    kind: 'another budget',
    spoil: (copy) =>
      edit(copy, 'verdict.json', ({ budgets }) => {
        budgets[0].limit += 1;
      }),
    changes: () => ['changed verdict.json'],
    difference: { at: expect.stringMatching(/^\/budgets\/.*limit$/) },
  },
  {
    kind: 'a tool of another provider',
    spoil: (copy, { tool }) =>
      edit(copy, 'summary.json', ({ tools }) => {
        tools.find(({ stage }: Loose) => stage === tool).provider = 'image';
      }),
    changes: () => ['changed summary.json'],
    difference: { at: expect.stringMatching(/^\/tools\/.*\/provider$/), after: '"image"' },
  },
  {
    kind: 'a scanner that found nothing to look at',
    spoil: (copy, { tool }) => coverage(copy, tool, 'not-applicable'),
    changes: () => ['changed summary.json', 'changed verdict.json'],
    difference: {
      at: expect.stringMatching(/^\/coverage\/entries\/.*state$/),
      before: '"done"',
      after: '"not-applicable"',
    },
  },
  {
    kind: 'a scanner that was turned off',
    spoil: (copy, { tool }) => coverage(copy, tool, 'disabled'),
    changes: () => ['changed summary.json', 'changed verdict.json'],
    difference: {
      at: expect.stringMatching(/^\/coverage\/entries\//),
      before: expect.stringMatching(/^done: /),
    },
  },
];

/** What makes a run none that a golden is made of or held against. */
const NEVER_GOLDEN: readonly {
  readonly kind: string;
  readonly spoil: (copy: string, tool: string) => void;
}[] = [
  {
    kind: 'a partial run',
    spoil: (copy) =>
      edit(copy, 'verdict.json', (verdict) => {
        verdict.partial = true;
      }),
  },
  {
    kind: 'a run with an incomplete scanner',
    spoil: (copy, tool) =>
      edit(copy, 'verdict.json', (verdict) => {
        verdict.incomplete = [tool];
      }),
  },
  { kind: 'a run with a scanner that was skipped', spoil: (copy, tool) => coverage(copy, tool, 'skipped') },
  {
    kind: 'a run without what the policy requires',
    spoil: (copy) =>
      edit(copy, 'verdict.json', (verdict) => {
        verdict.coverage.requiredMissing = ['fuzz'];
      }),
  },
  {
    kind: 'a run that looked at nothing',
    spoil: (copy) =>
      edit(copy, 'verdict.json', (verdict) => {
        verdict.outcome = 'incomplete';
      }),
  },
];

/**
 * The tests that hold a bundle against its golden, and the golden against a planted change of each kind. The plants call what
 * the command calls, in this process: a process for each of them was most of the time of these tests. The command itself, as
 * installed, runs for what its exit codes and its output say.
 */
export function describeGolden(name: string, subject: () => GoldenSubject): void {
  describe(`the golden ${name}`, () => {
    test('is equal to the run', async (context) => {
      const { code, report, stderr } = await planted(context, subject(), () => {});
      expect([code, report, stderr]).toMatchObject([0, { equal: true, changes: [], tools: [] }, '']);
    });

    test('does not tell runtimes, runs and machines apart', async (context) => {
      const { code, report } = await planted(context, subject(), ofAnEngine);
      expect([code, report.changes]).toEqual([0, []]);
    });

    test('is small', () => {
      const folder = join(ROOT, 'golden', name);
      const sizes = filesBelow(folder).map((path) => readFileSync(join(folder, path)).length);
      expect(sizes.length).toBeGreaterThan(1);
      expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_000_000);
    });

    test.for(PLANTS)('catches $kind', async ({ spoil, changes, difference }, context) => {
      const one = subject();
      const report = await onCopy(context, one, async (copy) => {
        spoil(copy, one);
        const checked = await checkGolden(requestOf(one.name, copy, join(ROOT, 'golden')));
        if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics));
        return checked.value;
      });
      expect([report.equal, report.changes.map(({ kind, path }) => `${kind} ${path}`)]).toEqual([
        false,
        changes(one),
      ]);
      const told = report.changes.flatMap(({ differences }) => differences);
      if (difference !== undefined) expect(told).toContainEqual(expect.objectContaining(difference));
    });

    test('catches a tool of another version, and names the old and the new one', async (context) => {
      const one = subject();
      let before = '';
      const { code, report } = await planted(context, one, (copy) =>
        edit(copy, 'summary.json', ({ tools }) => {
          const used = tools.find(({ stage }: Loose) => stage === one.tool);
          before = `${used.name} ${used.version}`;
          used.version = '999.0';
        }),
      );
      expect(code).toBe(5);
      const after = before.replace(/ \S+$/, ' 999.0');
      expect(report.tools).toEqual([{ stage: one.tool, before, after }]);
    });

    test.for(NEVER_GOLDEN)('$kind is refused, and never becomes one', async ({ spoil }, context) => {
      const one = subject();
      await onCopy(context, one, async (copy) => {
        spoil(copy, one.tool);
        const refused = { ok: false, diagnostics: [{ code: 'SP6004' }] };
        expect(await checkGolden(requestOf(one.name, copy, join(ROOT, 'golden')))).toMatchObject(refused);
        const goldens = join(copy, 'goldens');
        expect(await updateGolden(requestOf(one.name, copy, goldens))).toMatchObject(refused);
        expect(existsSync(goldens)).toBe(false);
      });
    });

    test('a partial run is exit code 2 of the command, and leaves no golden', async (context) => {
      const one = subject();
      await onCopy(context, one, async (copy) => {
        NEVER_GOLDEN[0]?.spoil(copy, one.tool);
        const goldens = join(copy, 'goldens');
        for (const what of ['check', 'update'] as const) {
          const { code, stderr } = await command(what, one.name, copy, goldens);
          expect([code, stderr]).toEqual([2, expect.stringContaining('SP6004')]);
        }
        expect(existsSync(goldens)).toBe(false);
      });
    });
  });
}

/** Takes the bundle as the new golden where that is asked for. */
export async function updatedGolden({ name, bundle }: Pick<GoldenSubject, 'name' | 'bundle'>): Promise<void> {
  if (process.env.UPDATE_GOLDEN !== '1' || typeof bundle !== 'string') return;
  const { code, stderr } = await command('update', name, bundle, join(ROOT, 'golden'));
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
}

/** What a run on an engine, on another machine and at another time writes otherwise. */
function ofAnEngine(copy: string): void {
  edit(copy, 'summary.json', (summary) => {
    Object.assign(summary, {
      runtime: 'dagger',
      notEnforced: ['cpu share'],
      bundle: '20200101-000000-nogit',
      startedAt: '2020-01-01T00:00:00.000Z',
      durations: { totalMs: 1, stages: {} },
    });
    for (const one of summary.tools) one.cached = !one.cached;
  });
  edit(copy, 'attestation.intoto.json', (statement) => {
    statement.predicate.runDetails.builder.id = 'https://secplan.dev/builder/dagger';
  });
  for (const name of ['logs', 'attestation.links'])
    rmSync(join(copy, name), { recursive: true, force: true });
  writeFileSync(join(copy, 'events.jsonl'), '');
}

function coverage(copy: string, tool: string, state: string): void {
  for (const path of ['summary.json', 'verdict.json'])
    edit(copy, path, (document) => {
      const entry = document.coverage.entries.find(({ id }: Loose) => id === tool);
      Object.assign(entry, { state, detail: 'planted', findings: 0 });
    });
}

async function planted(
  context: TestContext,
  subject: GoldenSubject,
  spoil: (copy: string, subject: GoldenSubject) => void,
): Promise<{ readonly code: number | null; readonly report: GoldenReport; readonly stderr: string }> {
  return onCopy(context, subject, async (copy) => {
    spoil(copy, subject);
    const { code, stdout, stderr } = await command('check', subject.name, copy, join(ROOT, 'golden'));
    if (stdout === '') throw new Error(stderr);
    return { code, report: JSON.parse(stdout), stderr };
  });
}

async function onCopy<T>(
  context: TestContext,
  { bundle }: GoldenSubject,
  use: (copy: string) => Promise<T>,
): Promise<T> {
  if (typeof bundle !== 'string') return context.skip(bundle.lacking);
  const copy = mkdtempSync(join(tmpdir(), 'secplan-bundle-'));
  try {
    cpSync(bundle, copy, { recursive: true });
    execFileSync('chmod', ['-R', 'u+w', copy]);
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function requestOf(name: string, bundle: string, dir: string): GoldenRequest {
  return { cwd: ROOT, name, bundle, dir };
}

/** The command itself, as installed. */
function command(what: 'check' | 'update', name: string, bundle: string, dir: string): Promise<CliResult> {
  return startCli(['golden', what, name, '--bundle', bundle, '--dir', dir, '--json'], ROOT, {}).ended;
}

function edit(dir: string, path: string, change: (value: Loose) => void): void {
  const before = readFileSync(join(dir, path), 'utf8');
  const value = JSON.parse(before);
  change(value);
  expect(value, path).not.toEqual(JSON.parse(before));
  writeFileSync(join(dir, path), JSON.stringify(value));
}
