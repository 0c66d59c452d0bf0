import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliPlace, startCli } from '../../support/cli.ts';

// The example's own stage is a script: it needs no package, so a run of it needs no network.
const RUN = ['run', '--profile', 'house', '--only', 'todo-owner'];
const ESCAPE = String.fromCharCode(27);

test('a run in a pipe has one line a stage on stderr, and ends with the verdict on stdout', async () => {
  using place = cliPlace('custom-tool');
  const { code, stdout, stderr } = await place.secplan([...RUN, '--timings'], { TERM: 'xterm-256color' });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^todo-owner +done {2}/m);
  expect(stdout + stderr).not.toContain(ESCAPE);
  expect(stdout).toMatch(/total .* lower bound/);
  expect(stdout).toMatch(/^ PASS {2}/m);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Next +secplan /);
  const explained = await place.secplan(['explain', (await firstListed(place)).slice(0, 8)]);
  expect(explained.code).toBe(0);
  expect(explained.stdout).toMatch(/^ *> *\d+ {2}/m);
  expect(explained.stdout).toContain('match: { fingerprint: ');
});

test('a waiver as explain prints it is taken by the compiler and waives that finding', async () => {
  using place = cliPlace('custom-tool');
  await place.secplan(RUN);
  const finding = await firstListed(place);
  const { stdout } = await place.secplan(['explain', finding]);
  const snippet = stdout.slice(stdout.indexOf('  policy:')).replaceAll(/^ {2}/gm, '');
  const file = join(place.dir, 'secplan.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^policy:[\s\S]*$/m, '')}${snippet}`);
  const again = await place.secplan([...RUN, '--json']);
  const run = JSON.parse(again.stdout) as { verdict: { waivers: { used: { findings: string[] }[] } } };
  expect(run.verdict.waivers.used.flatMap((waiver) => waiver.findings)).toEqual([
    expect.stringMatching(finding),
  ]);
});

test('with --json stdout is one document and stderr is JSON lines', async () => {
  using place = cliPlace('custom-tool');
  const { code, stdout, stderr } = await place.secplan([...RUN, '--json', '--timings']);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(document).toMatchObject({ schema: 'https://secplan.dev/schema/run/v1', exitCode: code });
  expect(document).toHaveProperty('timings.todo-owner.tool');
  const types = stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual(
    expect.arrayContaining(['run-started', 'stage-started', 'stage-finished', 'run-finished']),
  );
});

test('check gates the bundle again, with other budgets', async () => {
  using place = cliPlace('custom-tool');
  await place.secplan(RUN);
  expect((await place.secplan(['check'])).code).toBe(0);
  writeFileSync(join(place.dir, 'strict.json'), '{"medium": 0, "low": 0, "info": 0}');
  const strict = await place.secplan(['check', '--policy', 'strict.json']);
  expect(strict.code).toBe(1);
  expect(strict.stdout).toContain('FAIL');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a run with 130, and leaves no process and no bundle',
  async (signal) => {
    using place = cliPlace('custom-tool');
    const mark = `86${process.pid}`;
    writeFileSync(join(place.dir, 'scan.sh'), `#!/bin/sh\nsleep ${mark}\n`);
    const { child, ended } = startCli([...RUN, '--json'], place.dir, { ...process.env, ...place.env });
    const sleeping = (): boolean =>
      readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(mark));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: string) => {
        if (text.includes('"stage-started"')) resolve();
      });
    });
    await until(sleeping);
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 130 });
    await until(() => !sleeping());
    const left = readdirSync(join(place.dir, 'build/security-results'));
    expect(left.filter((name) => !name.startsWith('.'))).toEqual([]);
  },
);

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Looks again at every turn of the event loop; the test's own limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('findings of the latest bundle are listed by risk, filtered, and as JSON', async () => {
  using place = cliPlace('custom-tool');
  await place.secplan(RUN);
  const all = await place.secplan(['findings', '--json']);
  const { total, findings } = JSON.parse(all.stdout) as {
    total: number;
    findings: { rule: { id: string } }[];
  };
  expect(findings).toHaveLength(total);
  const rule = findings[0]?.rule.id ?? '';
  const ofRule = await place.secplan(['findings', '--rule', rule]);
  const count = findings.filter((finding) => finding.rule.id === rule).length;
  expect(ofRule.stdout).toContain(`${count === total ? total : `${count} of ${total}`} finding`);
  const none = await place.secplan(['findings', '--path', 'no/such/folder']);
  expect(none.stdout).toBe(`0 of ${total} ${total === 1 ? 'finding' : 'findings'}\n`);
  const typo = await place.secplan(['findings', '--tool', 'bandti']);
  expect(typo.code).toBe(2);
  expect(typo.stderr).toContain('the bundle has no scanner "bandti"');
  const explained = await place.secplan(['explain', rule]);
  expect(explained.stdout).toMatch(/^\d+ places?$/m);
});

/** The first fingerprint that `secplan findings` prints. */
async function firstListed(place: ReturnType<typeof cliPlace>): Promise<string> {
  const { stdout } = await place.secplan(['findings']);
  return /[0-9a-f]{12}/.exec(stdout)?.[0] ?? 'none';
}
