import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import { createArtifactValidator, schemaOf } from '../../src/evidence/golden/validate-artifact.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { exampleWorkspace, filesBelow, ROOT, readJson } from './workspace.ts';

// Real scanners; a fresh machine installs them first.
const LONG = { timeout: 20 * 60_000 };

interface SarifLog {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly properties: { readonly span?: { readonly path: string; readonly startLine?: number } };
    }[];
  }[];
}

let validator: Awaited<ReturnType<typeof createArtifactValidator>>;
beforeAll(async () => {
  validator = await createArtifactValidator(ROOT);
});

/** Runs an example as its README says and reads what it leaves. */
async function runExample(name: string, manifest: string, profile: string) {
  // The command that the README gives is the one that runs.
  const readme = readFileSync(join(ROOT, 'manifests/examples', name, 'README.md'), 'utf8');
  expect(readme).toContain(`secplan run --profile ${profile} --manifest ${manifest}\n`);
  const place = exampleWorkspace(name);
  try {
    const { code, stdout, stderr } = await place.secplan('run', '--profile', profile, '--manifest', manifest);
    const bundle = place.latest();
    const verdict = readJson<Verdict>(bundle, 'verdict.json');
    // Of what the catalogue has and the profile does not hold, nothing is asked here.
    const planned = verdict.coverage.entries.filter(({ state }) => state !== 'disabled');
    const states = Object.fromEntries(planned.map(({ id, state }) => [id, state]));
    const findings = readJson<SarifLog>(bundle, 'findings.sarif').runs[0]!.results.map(
      ({ ruleId, properties: { span } }) => `${ruleId} ${span?.path}:${span?.startLine ?? ''}`,
    );
    const invalid = filesBelow(bundle)
      .filter((path) => /\.(json|sarif)$/.test(path))
      .flatMap((path) => {
        const value = readJson(bundle, path);
        const schema = schemaOf(path, value);
        const fault = schema === null ? undefined : validator.check(schema, value);
        return fault === undefined ? [] : [`${path}: ${fault}`];
      });
    expect(invalid).toEqual([]);
    const logs = Object.fromEntries(
      filesBelow(bundle)
        .filter((path) => path.startsWith('logs/'))
        .map((path) => [path, readFileSync(join(bundle, path), 'utf8')]),
    );
    return {
      code,
      stdout,
      stderr,
      verdict,
      states,
      findings,
      logs,
      summary: readJson<Summary>(bundle, 'summary.json'),
    };
  } finally {
    place[Symbol.dispose]();
  }
}

test(
  'minimal: a manifest of a name runs the built-in profile and passes with its one flaw',
  LONG,
  async () => {
    const { code, states, findings, verdict } = await runExample('minimal', 'secplan.yaml', 'smoke');
    expect([code, verdict.outcome, verdict.budgetsFrom]).toEqual([0, 'pass', 'built-in']);
    expect(states).toEqual({ ruff: 'done', 'detect-secrets': 'done' });
    expect(findings).toEqual(['ruff/S602 app.py:8']);
  },
);

test('polyglot: four languages, a container file and YAML, from CUE', LONG, async () => {
  const { code, states, findings, verdict } = await runExample('polyglot', 'secplan.cue', 'review');
  expect([code, verdict.outcome, verdict.budgetsFrom]).toEqual([1, 'fail', 'policy.budgets.review']);
  expect(states).toMatchObject({
    ...{ bandit: 'done', checkov: 'done', 'detect-secrets': 'done' },
    ...{ gitleaks: 'done', opengrep: 'done', ruff: 'done' },
  });
  // Switched off by the manifest.
  expect(states).not.toHaveProperty('flawfinder');
  // One flaw at least of each language.
  for (const path of [
    'api/service.py',
    'web/src/server.ts',
    'web/src/widget.js',
    'gateway/main.go',
    'Dockerfile',
  ]) {
    expect(findings, path).toContainEqual(expect.stringContaining(` ${path}:`));
  }
  for (const path of [
    'ledger/src/main/java/org/example/ledger/Ledger.java',
    '.github/workflows/build.yaml',
    'deploy/',
  ]) {
    expect(findings, path).toContainEqual(expect.stringContaining(` ${path}`));
  }
});

test(
  "custom-tool: the workspace's own script runs in the sandbox and its finding is in the bundle",
  LONG,
  async () => {
    const { code, states, findings, logs, verdict, summary } = await runExample(
      'custom-tool',
      'secplan.yaml',
      'house',
    );
    expect([code, verdict.outcome]).toEqual([0, 'pass']);
    expect(states).toEqual({ ruff: 'done', 'detect-secrets': 'done', 'todo-owner': 'done' });
    // The rule is broken in line 7; the TODO of line 12 has its owner.
    expect(findings).toEqual(['todo-owner/todo-without-owner src/billing.py:7']);
    expect(verdict.coverage.entries.find(({ id }) => id === 'todo-owner')?.detail).toMatch(/^2 files/);
    expect(logs['logs/todo-owner.log']).toContain('todo-owner: looked at 2 files');
    expect(summary.tools.find(({ stage }) => stage === 'todo-owner')).toMatchObject({
      pinned: false,
      cached: false,
    });
  },
);
