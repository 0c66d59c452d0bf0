import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import {
  type ArtifactValidator,
  createArtifactValidator,
  schemaOf,
} from '../../src/evidence/golden/validate-artifact.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { CliResult } from '../support/cli.ts';
import { describeGolden } from './golden-plants.ts';
import { compareBundles } from './parity/compare-bundles.ts';
import { violations } from './violations.ts';
import { type ExampleWorkspace, exampleWorkspace, filesBelow, ROOT, readJson } from './workspace.ts';

// Real scanners over the example: a fresh machine installs them first, which takes minutes, once.
const INSTALL_MS = 20 * 60_000;
const RUN_MS = 5 * 60_000;

const STAGES = [
  ...['bandit', 'checkov', 'detect-secrets', 'flawfinder', 'gitleaks', 'opengrep'],
  ...['presidio:pack', 'ruff', 'syft', 'trivy-fs'],
];

/** Everything that spec section 7 promises of this run but logs, which hang on what scanners have to complain of. */
const LAYOUT = [
  ...[
    'attestation.intoto.json',
    'attestation.vsa.intoto.json',
    'checksums.txt',
    'events.jsonl',
    'findings.sarif',
    'flawfinder.txt',
  ],
  ...['licenses.json', 'manifest-info.json', 'plan.json', 'privacy/pack.json', 'privacy/presidio.pack.sarif'],
  ...[
    'report.html',
    'reports/iac/checkov.files.raw.txt',
    'reports/iac/checkov.raw.json',
    'reports/iac/checkov.sarif',
  ],
  ...['reports/sast/bandit.raw.json', 'reports/sast/bandit.sarif', 'reports/sast/flawfinder.raw.sarif'],
  ...['reports/sast/flawfinder.sarif', 'reports/sast/opengrep.raw.json', 'reports/sast/opengrep.sarif'],
  ...['reports/sast/ruff.files.raw.txt', 'reports/sast/ruff.raw.sarif', 'reports/sast/ruff.sarif'],
  ...['reports/sca/syft.raw.json', 'reports/sca/syft.sarif', 'reports/sca/trivy-fs.raw.json'],
  ...['reports/sca/trivy-fs.sarif', 'reports/secrets/detect-secrets.files.raw.txt'],
  ...['reports/secrets/detect-secrets.raw.json', 'reports/secrets/detect-secrets.sarif'],
  ...[
    'reports/secrets/gitleaks.files.raw.txt',
    'reports/secrets/gitleaks.raw.sarif',
    'reports/secrets/gitleaks.sarif',
    'ruff.txt',
    'sbom/source.cdx.json',
  ],
  ...['sbom/source.spdx.json', 'summary.json', 'timeline.svg', 'verdict.json'],
];

/** Every made-up credential of the example. */
const SECRETS = [
  ...['b7f1c94e02ad4d6f8e35a1907cd2264b', 'AKIASYNTHETICFAKE234', 'ghp_SyntheticFakeTokenForScanners00x7Q2w'],
  ...['hunter2hunter2', 'correct-horse-battery-1988', 'ASIAFAKEFAKESYNTH567', 'postgres-example-1234'],
  ...['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'keep-me-out-of-images', 'VGhpcyBpcyBub3QgYSBrZXku'],
];

interface SarifResult {
  readonly ruleId: string;
  readonly properties: {
    readonly span?: { readonly path: string; readonly startLine?: number };
    readonly accounts: readonly { readonly tool: string; readonly rule: string; readonly message: string }[];
  };
}
interface SarifLog {
  readonly runs: readonly { readonly results: readonly SarifResult[] }[];
}

let place: ExampleWorkspace;
let first: CliResult;
let bundle: string;
let summary: Summary;
let verdict: Verdict;
let validator: ArtifactValidator;

beforeAll(async () => {
  place = exampleWorkspace('light-python');
  first = await place.secplan('run', '--profile', 'light', '--verbose');
  expect(first.code, `${first.stdout}\n${first.stderr}`).toBe(1);
  bundle = place.latest();
  summary = readJson<Summary>(bundle, 'summary.json');
  verdict = readJson<Verdict>(bundle, 'verdict.json');
  validator = await createArtifactValidator(ROOT);
  if (process.env.UPDATE_GOLDEN === '1') expect((await golden('update', bundle)).code).toBe(0);
}, INSTALL_MS);

afterAll(() => place?.[Symbol.dispose]());

describe('the light profile on the example', () => {
  test('every scanner is done and fails the budget of the manifest', () => {
    const planned = verdict.coverage.entries.filter(({ state }) => state !== 'disabled');
    expect(Object.fromEntries(planned.map(({ id, state }) => [id, state]))).toEqual(
      Object.fromEntries(STAGES.map((id) => [id, 'done'])),
    );
    expect(verdict).toMatchObject({ outcome: 'fail', exitCode: 1, partial: false, incomplete: [] });
    expect(verdict.budgetsFrom).toBe('policy.budgets.default');
    expect(verdict.budgets.filter(({ exceeded }) => exceeded).map(({ severity }) => severity)).toEqual([
      'critical',
      'high',
    ]);
    expect(summary.tools.every(({ pinned }) => pinned)).toBe(true);
  });

  test.each(STAGES.filter((id) => id !== 'syft'))('%s has findings', (id) => {
    const entry = verdict.coverage.entries.find((item) => item.id === id);
    expect(entry?.findings).toBeGreaterThan(0);
  });

  test('syft has components of both package managers, with licences', () => {
    const { components } = readJson<{ components: { purl?: string }[] }>(bundle, 'sbom/source.cdx.json');
    const purls = components.flatMap(({ purl }) => purl ?? []);
    expect(purls).toEqual(expect.arrayContaining(['pkg:pypi/flask@2.0.1', 'pkg:npm/lodash@4.17.15']));
    const { licenses } = readJson<{ licenses: { license: string; packages: string[] }[] }>(
      bundle,
      'licenses.json',
    );
    expect(licenses.find(({ license }) => license === 'MIT')?.packages).toContain('lodash@4.17.15');
    expect(summary.sbom.packages).toBeGreaterThanOrEqual(10);
  });

  test('ruff.txt is the text that a person reads', () => {
    expect(readFileSync(join(bundle, 'ruff.txt'), 'utf8')).toMatch(/^app\/reports\.py:16:\d+: S602 /m);
  });

  test.each([
    [
      'app/config.py',
      6,
      { 'detect-secrets': 'github-token', gitleaks: 'github-pat', 'trivy-fs': 'github-pat' },
    ],
    [
      'app/reports.py',
      16,
      { bandit: 'B602', opengrep: 'secplan.python.subprocess-shell-dynamic', ruff: 'S602' },
    ],
    [
      'app/uploads.py',
      19,
      { bandit: 'B202', opengrep: 'secplan.python.archive-extract-unfiltered', ruff: 'S202' },
    ],
    ['app/auth.py', 12, { bandit: 'B324', ruff: 'S324' }],
  ])('what several tools say of %s:%i is one finding with every account', (path, line, accounts) => {
    const { results } = readJson<SarifLog>(bundle, 'findings.sarif').runs[0]!;
    const there = results.filter(
      ({ properties: { span } }) => span?.path === path && span.startLine === line,
    );
    const merged = there.find(({ properties }) => properties.accounts.length > 1)!;
    const told = merged.properties.accounts.map(({ tool, rule }) => [tool, rule]);
    expect(Object.fromEntries(told)).toEqual(accounts);
    // Its id names a tool that has this rule.
    expect(told.map((pair) => pair.join('/'))).toContain(merged.ruleId);
  });

  test('what was not checked and who packaged what is said, in the verdict and on standard output', () => {
    const vulnerabilities = 'trivy-fs: vulnerabilities: not scanned (scanners option)';
    expect(verdict.coverage.notChecked).toContainEqual({
      kind: 'by-option',
      stage: 'trivy-fs',
      what: 'vulnerabilities: not scanned (scanners option)',
      text: vulnerabilities,
    });
    expect(first.stdout).toContain(vulnerabilities);
    expect(first.stdout).toMatch(/^ *syft: .*third-party package: nightlark/m);
    expect(first.stdout).toMatch(/^ *trivy-fs: .*third-party package: eccenca GmbH$/m);
    expect(summary.tools.find(({ stage }) => stage === 'opengrep')?.name).toBe('Semgrep');
  });
});

describe('its bundle', () => {
  test('has the whole layout and nothing else', () => {
    const files = filesBelow(bundle);
    expect(files.filter((path) => !/^(logs|attestation\.links)\//.test(path))).toEqual(LAYOUT);
    expect(
      files.filter((path) => path.startsWith('logs/') && !/^logs\/[a-z0-9.-]+\.log$/.test(path)),
    ).toEqual([]);
    expect(summary.artifacts.map(({ path }) => path).sort()).toEqual(
      files.filter((path) => !/^(summary\.json|attestation\..*|checksums\.txt)$/.test(path)),
    );
  });

  test('is what latest points to, beside it', () => {
    const link = join(place.dir, 'build/security-results/latest');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toMatch(/^\d{8}-\d{6}-[0-9a-f]{7}$/);
  });

  test('agrees with its checksums, and a flipped byte does not', () => {
    const check = (dir: string) =>
      execFileSync('sha256sum', ['--strict', '-c', 'checksums.txt'], { cwd: dir, stdio: 'pipe' });
    expect(check(bundle).toString().trim().split('\n')).toHaveLength(filesBelow(bundle).length - 1);
    withCopy((copy) => {
      writeFileSync(join(copy, 'ruff.txt'), `${readFileSync(join(copy, 'ruff.txt'), 'utf8')} `);
      expect(() => check(copy)).toThrow(/checksums/);
    });
  });

  test('has no secret value of the example, as it is, encoded or reversed', () => {
    const leaks = (dir: string): string[] =>
      filesBelow(dir).flatMap((path) => {
        const text = readFileSync(join(dir, path), 'latin1');
        return SECRETS.filter((secret) => forms(secret).some((form) => text.includes(form))).map(
          (secret) => `${path}: ${secret}`,
        );
      });
    // The search finds them where they are.
    expect(new Set(leaks(place.dir).map((line) => line.split(': ')[1]))).toEqual(new Set(SECRETS));
    expect(leaks(bundle)).toEqual([]);
  });

  test('has no path and no name of this machine', () => {
    const found = filesBelow(bundle).filter((path) => {
      const text = readFileSync(join(bundle, path), 'utf8');
      return [place.dir, `${tmpdir()}/secplan-`, `${process.env.HOME}/`].some((mark) => text.includes(mark));
    });
    expect(found).toEqual([]);
  });
});

describe('its documents', () => {
  test('hold against their schemas', () => {
    const without: string[] = [];
    for (const path of filesBelow(bundle).filter((file) => /\.(json|sarif)$/.test(file))) {
      const value = readJson(bundle, path);
      const schema = schemaOf(path, value);
      if (schema === null) without.push(path);
      else expect([path, validator.check(schema, value)]).toEqual([path, undefined]);
    }
    // Reports of tools in formats of their own.
    expect(without.filter((path) => !path.endsWith('.raw.json'))).toEqual([]);
  });

  test.each([
    ['summary.json', 60],
    ['verdict.json', 50],
    ['manifest-info.json', 10],
    ['licenses.json', 5],
    ['privacy/pack.json', 20],
    ['plan.json', 30],
    ['sbom/source.spdx.json', 40],
    ['findings.sarif', 5],
    ['sbom/source.cdx.json', 5],
  ])('%s: a member removed, of another type or unknown is refused', (path, atLeast) => {
    const value = readJson(bundle, path);
    const schema = schemaOf(path, value)!;
    const { planted, missed } = violations(
      value,
      schema,
      ROOT,
      (broken) => validator.check(schema, broken) !== undefined,
    );
    expect(missed).toEqual([]);
    expect(planted).toBeGreaterThanOrEqual(atLeast);
  });
});

describe('its golden', () => {
  test('is equal', async () => {
    const { code, stdout } = await golden('check', bundle);
    expect([code, stdout]).toEqual([0, 'equal to golden light-python\n']);
  });

  test.each([
    ['missing', (copy: string) => rmSync(join(copy, 'ruff.txt')), /^missing +ruff\.txt/m],
    ['extra', (copy: string) => writeFileSync(join(copy, 'stray.txt'), 'x'), /^extra +stray\.txt/m],
    [
      'changed text',
      (copy: string) => edit(copy, 'ruff.txt', (text) => text.replace('S602', 'S999')),
      /^changed +ruff\.txt: line \d+: .*S602.* is now .*S999/m,
    ],
    [
      'a finding less',
      (copy: string) =>
        editJson<SarifLog>(copy, 'findings.sarif', (log) => ({
          ...log,
          runs: [
            {
              ...log.runs[0]!,
              results: log.runs[0]!.results.filter(({ ruleId }) => ruleId !== 'bandit/B602'),
            },
          ],
        })),
      /^changed +findings\.sarif: 1 place differs\n.*bandit~1B602 [0-9a-f]{12}.*: high bandit\/B602 at app\/reports\.py:16 -> nothing$/m,
    ],
    [
      'a severity changed',
      (copy: string) => edit(copy, 'verdict.json', (text) => text.replace('"limit": 5', '"limit": 6')),
      /^changed +verdict\.json: 1 place differs\n.*: 5 -> 6$/m,
    ],
    [
      'schema-invalid',
      (copy: string) => edit(copy, 'sbom/source.spdx.json', (text) => text.replace('CC0-1.0', 'MIT')),
      /^invalid +sbom\/source\.spdx\.json: \/dataLicense must be equal to constant/m,
    ],
    [
      'a tool of another version',
      (copy: string) => edit(copy, 'summary.json', (text) => text.replaceAll('"1.9.4"', '"1.9.5"')),
      /^Likely cause: these tool versions changed:\n +bandit: Bandit 1\.9\.4 is now Bandit 1\.9\.5$/m,
    ],
  ])('catches what was planted: %s', async (_, plant, message) => {
    await withCopy(async (copy) => {
      plant(copy);
      const { code, stdout } = await golden('check', copy);
      expect([code, stdout]).toEqual([5, expect.stringMatching(message)]);
    });
  });

  test('its file, a report of a difference and an answer of why hold against their schemas', async () => {
    const report = await withCopy(async (copy) => {
      rmSync(join(copy, 'ruff.txt'));
      return JSON.parse((await golden('check', copy, '--json')).stdout) as Record<string, unknown>;
    });
    const why = JSON.parse((await place.secplan('why', 'bandit', '--json')).stdout) as Record<
      string,
      unknown
    >;
    for (const value of [readJson(ROOT, 'golden/light-python/golden.json'), report, why]) {
      const schema = schemaOf('document.json', value)!;
      const holds = (candidate: unknown) => validator.check(schema, candidate);
      expect([schema, holds(value)]).toEqual([schema, undefined]);
      const { planted, missed } = violations(value, schema, ROOT, (broken) => holds(broken) !== undefined);
      expect(missed).toEqual([]);
      expect(planted).toBeGreaterThan(5);
    }
  });
});

describeGolden('light-python', () => ({
  name: 'light-python',
  bundle,
  tool: 'bandit',
  report: 'reports/sast/ruff.raw.sarif',
  lose: (log) => log.runs[0].results.pop(),
}));

describe('a second run', () => {
  test('with a raised budget passes, and starts no scanner', { timeout: RUN_MS }, async () => {
    const second = await place.secplan('run', '--profile', 'light', '--policy', 'raised-budget.yaml');
    expect([second.code, second.stdout]).toEqual([0, expect.stringMatching(/^ PASS /m)]);
    const latest = place.latest();
    expect(latest).not.toBe(bundle);
    expect(readJson<Verdict>(latest, 'verdict.json')).toMatchObject({
      outcome: 'pass',
      budgetsFrom: '--policy FILE',
    });
    const { tools } = readJson<Summary>(latest, 'summary.json');
    expect(tools.filter(({ cached }) => !cached)).toEqual([]);
    expect(tools).toHaveLength(STAGES.length);
    // The same bytes as the first, from the cache.
    for (const path of ['findings.sarif', 'sbom/source.cdx.json', 'ruff.txt']) {
      expect([path, readFileSync(join(latest, path)).equals(readFileSync(join(bundle, path)))]).toEqual([
        path,
        true,
      ]);
    }
    // Equal to the first in all that does not tell of the policy.
    const differences = compareBundles(bundle, latest).map((line) => line.split(/[:/]/)[0]);
    expect([...new Set(differences)]).toEqual([
      'manifest-info.json',
      'plan.json',
      'summary.json',
      'verdict.json',
    ]);
  });
});

function golden(what: 'check' | 'update', dir: string, ...more: string[]): Promise<CliResult> {
  return place.secplan(
    'golden',
    what,
    'light-python',
    '--dir',
    join(ROOT, 'golden'),
    '--bundle',
    dir,
    ...more,
  );
}

function withCopy<T>(use: (copy: string) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'secplan-bundle-'));
  const done = () => rmSync(copy, { recursive: true, force: true });
  cpSync(bundle, copy, { recursive: true });
  const result = use(copy);
  if (result instanceof Promise) return result.finally(done) as T;
  done();
  return result;
}

function edit(dir: string, path: string, change: (text: string) => string): void {
  const before = readFileSync(join(dir, path), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(dir, path), after);
}

function editJson<T>(dir: string, path: string, change: (value: T) => T): void {
  edit(dir, path, (text) => JSON.stringify(change(JSON.parse(text) as T)));
}

function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Within a longer text base64 starts at any of three offsets: what all of an offset's encodings share.
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : offset + 1)
      .replace(/=+$/, '')
      .slice(0, -1),
  );
  const hex = bytes.toString('hex');
  return [secret, [...secret].reverse().join(''), hex, hex.toUpperCase(), ...base64];
}
