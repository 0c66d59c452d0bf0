import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliPlace, cliPlace } from '../../support/cli.ts';

const RUN = ['run', '--profile', 'house', '--only', 'todo-owner'];

const json = async (place: CliPlace, args: readonly string[]) => {
  const { code, stdout } = await place.secplan([...args, '--json']);
  return { code, document: JSON.parse(stdout) as Record<string, never> };
};

/** The example's own manifest with another policy. */
function withPolicy(place: CliPlace, policy: string): void {
  const file = join(place.dir, 'secplan.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^policy:[\s\S]*$/m, '')}\n${policy}`);
}

test('baseline create makes the findings of a bundle known; a new one then fails, and prune drops what is gone', async () => {
  using place = cliPlace('custom-tool');
  const strict = 'policy: {budgets: {default: {new: {critical: 0, high: 0, medium: 0, low: 0, info: 0}}}}\n';
  withPolicy(place, strict);
  expect((await place.secplan(RUN)).code).toBe(1);
  const created = await json(place, ['baseline', 'create']);
  expect(created).toMatchObject({ code: 0, document: { action: 'create' } });
  const file = join(place.dir, 'secplan.baseline.json');
  const before = readFileSync(file, 'utf8');
  const known = await place.secplan(RUN);
  expect(known.code, known.stdout).toBe(0);
  expect(known.stdout).toContain('0 new');
  // Every document of such a bundle holds itself to its schema.
  const golden = await place.secplan(['golden', 'update']);
  expect(golden.stderr).not.toContain('breaks its schema');
  const again = await place.secplan(['baseline', 'create']);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('SP4014')]);

  writeFileSync(join(place.dir, 'src/new.py'), '# TODO nobody\n');
  const fresh = await place.secplan(RUN);
  expect(fresh.code, fresh.stdout).toBe(1);
  expect(fresh.stdout).toContain('new overall');
  expect((await json(place, ['baseline', 'prune'])).document).toMatchObject({ dropped: [] });
  expect(readFileSync(file, 'utf8')).toBe(before);

  expect((await place.secplan(['baseline', 'create', '--force'])).code).toBe(0);
  writeFileSync(join(place.dir, 'src/new.py'), '# done\n');
  await place.secplan(RUN);
  const pruned = await json(place, ['baseline', 'prune']);
  expect(pruned.document).toMatchObject({ dropped: [{ tool: 'todo-owner', path: 'src/new.py' }] });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('check --at says what a later day changes, and gates as if it were then', async () => {
  using place = cliPlace('custom-tool');
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const soon = day(10);
  withPolicy(
    place,
    `policy: {budgets: {default: {medium: 0, low: 0, info: 0}}, waivers: [{match: {tool: todo-owner}, reason: r, owner: ann, expires: '${soon}'}]}\n`,
  );
  const run = await place.secplan(RUN);
  expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('SP4013')]);
  const same = await place.secplan(['check', '--at', soon]);
  expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('nothing changes')]);
  const later = await place.secplan(['check', '--at', day(11)]);
  expect(later.code).toBe(1);
  expect(later.stdout).toContain('pass becomes fail');
  expect(later.stdout).toContain(`the waiver of tool todo-owner by ann ends on ${soon}`);
  const { document } = await json(place, ['check', '--at', day(11)]);
  expect(document.changes).toMatchObject([{ kind: 'outcome' }, { kind: 'budget' }, { kind: 'waiver' }]);
});

test('a licence list without a bill of materials is incomplete, never a pass', async () => {
  using place = cliPlace('custom-tool');
  withPolicy(place, 'policy: {licenses: {deny: [GPL-3.0-only]}}\n');
  const run = await place.secplan(RUN);
  expect(run.code, run.stdout).toBe(4);
  expect(run.stdout).toContain('license-policy');
  withPolicy(place, 'policy: {licenses: {deny: [GPL-3]}}\n');
  const wrong = await place.secplan(RUN);
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/secplan\.yaml:\d+:\d+: error\[SP2061\]/),
  ]);
});

test.each([
  ['exploited findings without a list', 'policy: {budgets: {default: {exploited: 0}}}', 'SP2060'],
  ['a VEX document that does not exist', 'policy: {vex: [none.json]}', 'SP2012'],
  ['a VEX document outside', 'policy: {vex: [../../etc/passwd]}', 'SP2011'],
  ['a VEX document that is none', 'policy: {vex: [scan.sh]}', 'SP4010'],
  ['a day that is none', 'policy: {vex: [{path: scan.sh, expires: "2026-02-30"}]}', 'SP2017'],
  ['a list that does not exist', 'policy: {exploited: {kev: kev.json}}', 'SP4010'],
  ['a licence both allowed and denied', 'policy: {licenses: {allow: [MIT], deny: [MIT]}}', 'SP2062'],
])('%s ends with 2 before anything is started', async (_, policy, code) => {
  using place = cliPlace('custom-tool');
  withPolicy(place, `${policy}\n`);
  const run = await place.secplan(RUN);
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(code)]);
  expect(run.stderr).not.toMatch(/^todo-owner/m);
});

test('--trusted and --changed-since need a repository', async () => {
  using place = cliPlace('custom-tool');
  const trusted = await place.secplan([...RUN, '--trusted', 'main']);
  expect([trusted.code, trusted.stderr]).toEqual([2, expect.stringContaining('SP2066')]);
  const since = await place.secplan([...RUN, '--changed-since', 'main']);
  expect([since.code, since.stderr]).toEqual([2, expect.stringContaining('SP9001')]);
});
