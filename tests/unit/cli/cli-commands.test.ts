import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { cliPlace, startCli } from '../../support/cli.ts';

test.each(['yaml', 'json', 'cue'])(
  'init writes a %s manifest that compiles, and never writes over one',
  async (format) => {
    using place = cliPlace();
    writeFileSync(join(place.dir, 'app.py'), 'print(1)\n');
    writeFileSync(join(place.dir, 'sum.c'), 'int main(void) { return 0; }\n');
    const init = await place.secplan(['init', '--format', format]);
    expect([init.code, init.stderr]).toEqual([0, '']);
    expect(init.stdout).toContain(`wrote secplan.${format}`);
    expect(init.stdout).toContain('Python: app.py');
    const before = readFileSync(join(place.dir, `secplan.${format}`), 'utf8');
    const compiled = await place.secplan(['compile']);
    expect([compiled.code, compiled.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((JSON.parse(compiled.stdout) as { name: string }).name).toBe('work');
    expect(stagesOf(compiled.stdout)).toEqual(expect.arrayContaining(['bandit', 'flawfinder', 'ruff']));
    const smoke = await place.secplan(['compile', '--profile', 'smoke']);
    expect(stagesOf(smoke.stdout)).not.toContain('flawfinder');
    const again = await place.secplan(['init']);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('already exists');
    expect(readFileSync(join(place.dir, `secplan.${format}`), 'utf8')).toBe(before);
  },
);

function stagesOf(plan: string): string[] {
  return (JSON.parse(plan) as { stages: { id: string }[] }).stages.map(({ id }) => id);
}

test("a file's name cannot break out of the new manifest's comments", async () => {
  using place = cliPlace();
  writeFileSync(join(place.dir, 'a\nevil: true\n#.c'), '');
  expect((await place.secplan(['init'])).code).toBe(0);
  expect(readFileSync(join(place.dir, 'secplan.yaml'), 'utf8')).not.toMatch(/^evil/m);
  expect((await place.secplan(['compile'])).code).toBe(0);
});

test('compile gives the same bytes on stdout and in a file, and leaves nothing half-written', async () => {
  using place = cliPlace('minimal');
  const out = await place.secplan(['compile']);
  expect(out.code).toBe(0);
  const file = await place.secplan(['compile', '-o', 'plan.json']);
  expect([file.code, file.stdout]).toEqual([0, '']);
  expect(readFileSync(join(place.dir, 'plan.json'), 'utf8')).toBe(out.stdout);
  const nowhere = await place.secplan(['compile', '-o', 'no/such/plan.json']);
  expect([nowhere.code, nowhere.stdout]).toEqual([2, '']);
  expect(execFileSync('find', ['.', '-name', '*.tmp'], { cwd: place.dir, encoding: 'utf8' })).toBe('');
});

test('compile writes into a pipe that -o names, and leaves a pipe there', async () => {
  using place = cliPlace('minimal');
  const pipe = join(place.dir, 'plan.pipe');
  execFileSync('mkfifo', [pipe]);
  const read = readFile(pipe, 'utf8');
  const { code } = await place.secplan(['compile', '-o', 'plan.pipe']);
  expect(code).toBe(0);
  expect(JSON.parse(await read)).toMatchObject({ schema: 'https://secplan.dev/schema/plan/v1' });
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});

test('plan tells a weakening from a plan file, and its exit codes guard a change', async () => {
  using place = cliPlace('minimal');
  await place.secplan(['compile', '-o', 'before.json']);
  const same = await place.secplan([
    'plan',
    '--against',
    'before.json',
    '--detailed-exitcode',
    '--fail-on',
    'weakening',
  ]);
  expect([same.code, same.stdout]).toEqual([0, 'No change against before.json.\n']);
  const args = ['plan', '--skip', 'bandit', '--against', 'before.json'];
  const told = await place.secplan(args);
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(/weakening +bandit: bandit no longer runs/);
  expect((await place.secplan([...args, '--detailed-exitcode'])).code).toBe(8);
  expect((await place.secplan([...args, '--detailed-exitcode', '--fail-on', 'weakening'])).code).toBe(1);
  const json = JSON.parse((await place.secplan([...args, '--json'])).stdout) as {
    changes: { class: string }[];
  };
  expect(json.changes.map((change) => change.class)).toContain('weakening');
});

test('plan compares with a git ref: manifest, lock and scripts of that commit, and nothing is run', async () => {
  using place = cliPlace('custom-tool');
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: place.dir });
  };
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  // What a hostile repository could have git start: none of it may leave its mark.
  const planted = join(place.dir, 'planted');
  git('config', 'core.fsmonitor', `touch ${planted}`);
  git('config', 'diff.evil.textconv', `touch ${planted}; cat`);
  git('config', 'filter.evil.smudge', `touch ${planted}; cat`);
  writeFileSync(join(place.dir, '.gitattributes'), '* diff=evil filter=evil\n');
  const args = ['plan', '--profile', 'house', '--against', 'HEAD'];
  expect((await place.secplan(args)).stdout).toBe('No change against HEAD.\n');
  writeFileSync(join(place.dir, 'scan.sh'), '#!/bin/sh\nexit 0\n');
  const script = await place.secplan([...args, '--fail-on', 'weakening']);
  expect(script.code).toBe(1);
  expect(script.stdout).toMatch(/weakening +todo-owner: .*scan\.sh/);
  expect(existsSync(planted)).toBe(false);
  const nowhere = await place.secplan(['plan', '--against', '--upload-pack=x']);
  expect([nowhere.code, nowhere.stdout]).toEqual([2, '']);
});

test.each(['text', 'json', 'markdown', 'dot', 'mermaid', 'svg'])('plan writes %s', async (format) => {
  using place = cliPlace('minimal');
  const { code, stdout } = await place.secplan(['plan', '--format', format]);
  expect(code).toBe(0);
  expect(stdout).toContain('bandit');
});

test('commands that look have one JSON document each', async () => {
  using place = cliPlace('minimal');
  const lines = [
    ['tools', 'list'],
    ['tools', 'show', 'ruff'],
    ['cache', 'stats'],
    ['cache', 'verify'],
    ['cache', 'prune', '--max-size', '1MB'],
    ['explain', 'SP2001'],
    ['explain', 'timeout'],
    ['explain', 'bandit'],
    ['why', 'ruff'],
    ['plan'],
    ['compile'],
  ];
  for (const args of lines) {
    const { code, stdout } = await place.secplan([...args, '--json']);
    expect([args, code]).toEqual([args, 0]);
    expect(JSON.parse(stdout)).toHaveProperty(
      'schema',
      expect.stringMatching(/^https:\/\/secplan\.dev\/schema\/[a-z-]+\/v1$/),
    );
  }
});

test('parse gives findings of a report made elsewhere, and 4 for what is none', async () => {
  using place = cliPlace();
  const cases = new URL('../../../src/stages/ruff/cases/', import.meta.url).pathname;
  const good = await place.secplan(['parse', 'ruff', join(cases, 'findings/raw.report.sarif'), '--json']);
  expect(good.code).toBe(0);
  const parsed = JSON.parse(good.stdout) as {
    tool: string;
    findings: { rule: { id: string }; severity: string }[];
  };
  expect(parsed.tool).toBe('ruff');
  expect(parsed.findings.length).toBeGreaterThan(0);
  for (const finding of parsed.findings)
    expect(finding.severity).toMatch(/^(critical|high|medium|low|info)$/);
  const bad: readonly (readonly [name: string, bytes: string | Buffer, reason: string])[] = [
    ['cut.sarif', '{"version": "2.1.0", "runs": [', 'report-malformed'],
    ['empty.sarif', '', 'report-empty'],
    ['latin1.sarif', Buffer.from([0x7b, 0xe9, 0x7d]), 'report-malformed'],
    ['other.sarif', '{"hello": 1}', 'report-schema'],
  ];
  for (const [name, bytes, reason] of bad) {
    writeFileSync(join(place.dir, name), bytes);
    const { code, stdout } = await place.secplan(['parse', 'ruff', name, '--json']);
    expect([name, code, (JSON.parse(stdout) as { failure: { reason: string } }).failure.reason]).toEqual([
      name,
      4,
      reason,
    ]);
  }
  execFileSync('mkfifo', [join(place.dir, 'pipe')]);
  expect((await place.secplan(['parse', 'ruff', 'pipe'])).stderr).toContain('not a regular file');
});

test('schema prints the schema of the package', async () => {
  using place = cliPlace();
  const { stdout } = await place.secplan(['schema', 'manifest']);
  expect(stdout).toBe(readFileSync(new URL('../../../schema/manifest.schema.json', import.meta.url), 'utf8'));
  expect((await place.secplan(['schema'])).stdout.split('\n')).toContain('plan');
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is bash
test('completion for bash is sound and completes commands, flags, tools and profiles', async () => {
  using place = cliPlace();
  const { stdout } = await place.secplan(['completion', 'bash']);
  writeFileSync(join(place.dir, 'completion.bash'), stdout);
  execFileSync('bash', ['-n', 'completion.bash'], { cwd: place.dir });
  const complete = (...words: string[]): string[] => {
    const script =
      '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _secplan; printf "%s\\n" "${COMPREPLY[@]}"';
    return execFileSync('bash', ['-c', script, 'bash', ...words], { cwd: place.dir, encoding: 'utf8' })
      .trim()
      .split('\n');
  };
  expect(complete('secplan', 'r')).toEqual(['run']);
  expect(complete('secplan', 'tools', 'i')).toEqual(['install']);
  expect(complete('secplan', 'tools', 'show', 'ru')).toEqual(['ruff']);
  expect(complete('secplan', 'run', '--prof')).toEqual(['--profile']);
  expect(complete('secplan', 'run', '--profile', 'sta')).toEqual(['standard']);
  expect(complete('secplan', 'run', '--json', '--skip', 'band')).toEqual(['bandit']);
  expect(complete('secplan', 'mer')).toEqual(['']);
});

test.each(['zsh', 'fish'])('completion for %s names every visible command', async (shell) => {
  using place = cliPlace();
  const { code, stdout } = await place.secplan(['completion', shell]);
  expect(code).toBe(0);
  const quoted = (text: string): string => text.replaceAll("'", shell === 'zsh' ? "'\\''" : "\\'");
  for (const { summary, future } of COMMANDS) {
    if (future) expect(stdout).not.toContain(quoted(summary));
    else expect(stdout).toContain(shell === 'zsh' ? quoted(summary).replaceAll(':', '\\:') : quoted(summary));
  }
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is bash

test('a reader that goes away is no error', async () => {
  using place = cliPlace('minimal');
  const { child, ended } = startCli(['completion', 'bash'], place.dir, place.env);
  // Closed before the command has started: its first write fails with EPIPE.
  child.stdout.destroy();
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
});
