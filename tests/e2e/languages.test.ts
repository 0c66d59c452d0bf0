import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/evidence/bundle/summary.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import { type ExampleWorkspace, exampleWorkspace, readJson } from './workspace.ts';

// A repository of several languages under a profile that reads one of them, with the package as it ships and real scanners.
const FILES: Readonly<Record<string, string>> = {
  'lib/m.py': 'x = 1\n',
  'app/a.rb': 'puts 1\n',
  'app/b.rb': 'puts 2\n',
  'app/c.rb': 'puts 3\n',
  'web/index.php': '<?php echo 1;\n',
  'web/b.php': '<?php echo 2;\n',
  'native/a.c': 'int main(void) { return 0; }\n',
  'bin/deploy': '#!/usr/bin/env python3\nprint(1)\n',
  'third/A.java': 'class A {}\n',
};
const LINES = [
  '3 Ruby files: no scanner of this profile reads Ruby (brakeman does where a file matches **/config/{application,environment}.rb and 1 more)',
  '2 PHP files: no scanner of this profile reads PHP (psalm does)',
  '1 C file: no scanner of this profile reads C (flawfinder, cppcheck do)',
  '1 of 2 Python files: no scanner of this profile takes bin/deploy',
  '1 Java file: excluded by the manifest',
];
/** A run looks at the first line of a script, a plan at its name alone. */
const RUN_LINES = LINES.filter((line) => !line.includes('bin/deploy'));
const INSTALL_MS = 10 * 60_000;

let workspace: ExampleWorkspace;
beforeAll(() => {
  workspace = exampleWorkspace('minimal');
  rmSync(workspace.dir, { recursive: true });
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(workspace.dir, path)), { recursive: true });
    writeFileSync(join(workspace.dir, path), text);
  }
  chmodSync(join(workspace.dir, 'bin/deploy'), 0o755);
});
afterAll(() => workspace[Symbol.dispose]());

/** Light without its slow scanners: none of them reads Ruby, PHP or C. */
function manifest(languages: readonly string[], tools: object = {}): void {
  const off = { enabled: false };
  const text = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'languages' },
    targets: { source: { path: '.', exclude: ['third/**'] } },
    tools: { 'trivy-fs': off, opengrep: off, presidio: off, ...tools },
    policy: { coverage: { languages } },
  };
  writeFileSync(join(workspace.dir, 'secplan.json'), JSON.stringify(text));
}

describe('a repository of several languages', () => {
  it('is told what nothing read, on the terminal, in the plan, the report and the summary', {
    timeout: INSTALL_MS,
  }, async () => {
    manifest([]);
    const plan = await workspace.secplan('plan');
    const markdown = await workspace.secplan('plan', '--format', 'markdown');
    const listed = plan.stdout
      .split('\nLanguages\n')[1]
      ?.split('\n')
      .map((line) => line.trim());
    expect(listed?.slice(0, LINES.length)).toEqual(LINES);
    expect(markdown.stdout).toContain('2 PHP files: no scanner of this profile reads PHP');
    const run = await workspace.secplan('run', '--profile', 'light');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain('Not read: 3 Ruby files: no scanner of this profile reads Ruby');
    expect(run.stdout).toContain(`          ${LINES[1]}\n`);
    expect(run.stdout).toContain(`          ${LINES[2]} (and 1 more: --verbose)\n`);
    const bundle = workspace.latest();
    const summary = readJson<Summary>(join(bundle, 'summary.json'));
    const verdict = readJson<Verdict>(join(bundle, 'verdict.json'));
    expect(summary.coverage.languages?.slice(0, RUN_LINES.length).map(({ text }) => text)).toEqual(RUN_LINES);
    expect(verdict.coverage.languages).toEqual(summary.coverage.languages);
    const report = readFileSync(join(bundle, 'report.html'), 'utf8');
    expect(report).toContain('<h3>Languages</h3>');
    for (const line of RUN_LINES) expect(report).toContain(line);
  });

  it('is incomplete where one of them is required, until the scanner that the last line names is enabled', {
    timeout: INSTALL_MS,
  }, async () => {
    manifest(['c', 'Python']);
    const run = await workspace.secplan('run', '--profile', 'light');
    expect(run.code, run.stderr).toBe(4);
    expect(run.stdout).toContain('C is required, but no scanner read 1 C file');
    expect(run.stdout).toContain('tools.flawfinder.enabled: true  in the manifest: flawfinder reads C');
    const verdict = readJson<Verdict>(join(workspace.latest(), 'verdict.json'));
    expect(verdict.coverage.requiredMissing).toEqual(['C']);
    manifest(['c', 'Python'], { flawfinder: { enabled: true } });
    const again = await workspace.secplan('run', '--profile', 'light');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stdout).not.toContain('C is required');
  });

  it('takes no name that is no language', async () => {
    manifest(['rubby']);
    const run = await workspace.secplan('run');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('SP2074');
    expect(run.stderr).toContain('Ruby');
  });
});
