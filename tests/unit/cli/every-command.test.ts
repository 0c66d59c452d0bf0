import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import type { CommandSpec } from '../../../src/cli/shared/command-spec.ts';
import { type CliPlace, cliPlace, startCli } from '../../support/cli.ts';

// Each command of the installed package is really started once: a bundle can lack, or break, what one command alone loads.

interface Try {
  readonly args: readonly string[];
  readonly exit: number;
  /** What standard output, or standard error where the command fails, has to hold. */
  readonly says: string | RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs in an empty folder. */
  readonly empty?: true;
}

const REPORT = new URL('../../../src/stages/ruff/cases/findings/raw.report.sarif', import.meta.url).pathname;
const PROFILE = ['--profile', 'house'];

/** In the order in which they run; later ones read what `run` left. Profile `house` holds one script and needs no network. */
const TRIES: Readonly<Record<string, Try>> = {
  init: { args: [], exit: 0, says: 'wrote secplan.yaml', empty: true },
  compile: { args: PROFILE, exit: 0, says: '"todo-owner"' },
  plan: { args: PROFILE, exit: 0, says: 'todo-owner' },
  run: { args: PROFILE, exit: 0, says: 'PASS' },
  trust: { args: [], exit: 0, says: 'the command of todo-owner' },
  check: { args: [], exit: 0, says: 'PASS' },
  'baseline create': { args: [], exit: 0, says: '1 entry' },
  'baseline prune': { args: [], exit: 0, says: '1 entry' },
  'golden update': { args: [], exit: 0, says: 'golden/house' },
  'golden check': { args: [], exit: 0, says: 'golden house' },
  verify: { args: [], exit: 0, says: /\S/ },
  deliver: { args: [], exit: 2, says: /error\[SP\d{4}\]/ },
  why: { args: ['todo-owner', ...PROFILE], exit: 0, says: 'todo-owner' },
  findings: { args: [], exit: 0, says: /^\d+ findings?$/m },
  explain: { args: ['SP2001'], exit: 0, says: 'SP2001' },
  parse: { args: ['ruff', REPORT], exit: 0, says: 'S105' },
  schema: { args: ['manifest'], exit: 0, says: '"$schema"' },
  completion: { args: ['bash'], exit: 0, says: 'complete ' },
  'tools list': { args: [], exit: 0, says: 'bandit' },
  'tools show': { args: ['bandit'], exit: 0, says: 'bandit' },
  'tools install': { args: PROFILE, exit: 0, says: '' },
  'tools lock': { args: ['gosec'], exit: 3, says: 'error[SP4003]', env: { GOPROXY: 'off' } },
  'cache stats': { args: [], exit: 0, says: /\d/ },
  'cache prune': { args: ['--max-size', '1GB'], exit: 0, says: /\d/ },
  'cache verify': { args: [], exit: 0, says: /\d/ },
  doctor: { args: PROFILE, exit: 0, says: 'ready' },
};

/** Paths of all commands that do something in this version. */
function paths(table: readonly CommandSpec[], above = ''): string[] {
  return table
    .filter(({ future }) => future !== true)
    .flatMap((spec) =>
      spec.commands === undefined ? [`${above}${spec.name}`] : paths(spec.commands, `${above}${spec.name} `),
    );
}

describe('the installed package', () => {
  let place: CliPlace;
  beforeAll(() => {
    place = cliPlace('custom-tool');
    const manifest = join(place.dir, 'secplan.yaml');
    const text = readFileSync(manifest, 'utf8');
    const alone = text.replace(
      'enable: [todo-owner]',
      'enable: [todo-owner]\n      disable: [ruff, detect-secrets]',
    );
    expect(alone).not.toBe(text);
    writeFileSync(manifest, alone);
    mkdirSync(join(place.dir, 'empty'));
  });
  afterAll(() => place?.[Symbol.dispose]());

  test('has a try of every command, and of no other', () => {
    expect(Object.keys(TRIES).sort()).toEqual(paths(COMMANDS).sort());
    // A command that is added and not tried would be noticed.
    const more = [
      ...COMMANDS,
      { name: 'added', summary: 'planted', commands: [{ name: 'sub', summary: '' }] },
    ];
    expect(paths(more)).toContain('added sub');
  });

  test.each(Object.entries(TRIES))('does %s', async (name, { args, exit, says, env = {}, empty }) => {
    const folder = empty === true ? join(place.dir, 'empty') : place.dir;
    const started = startCli([...name.split(' '), ...args], folder, { ...place.env, ...env });
    const { code, stdout, stderr } = await started.ended;
    expect([code, stderr]).toEqual([exit, expect.not.stringContaining('bug of secplan')]);
    expect(exit === 0 ? stdout : stderr).toMatch(says);
  });

  test.each(COMMANDS.filter(({ future }) => future === true).map(({ name }) => name))(
    'refuses %s, which it does not have',
    async (name) => {
      const { code, stderr } = await place.secplan([name]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('SP9002')]);
    },
  );

  test('reads a manifest in CUE', async () => {
    writeFileSync(
      join(place.dir, 'empty/secplan.cue'),
      'apiVersion: "secplan/v1"\nmetadata: name: "c" + "ue"\n',
    );
    const { code, stdout } = await place.secplan([
      'compile',
      '--manifest',
      'empty/secplan.cue',
      '-p',
      'smoke',
    ]);
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ name: 'cue' })]);
  });

  test('says how to add the Dagger SDK, which it does not bring along', async () => {
    // A session that is named is not looked for: what is missing is the SDK alone.
    const session = { DAGGER_SESSION_PORT: '9', DAGGER_SESSION_TOKEN: 'none' };
    const run = await place.secplan(['run', ...PROFILE, '--runtime', 'dagger'], session);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('error[SP5102]');
    expect(run.stderr).toContain('npm install @dagger.io/dagger@');
    const doctor = await place.secplan(['doctor', ...PROFILE, '--runtime', 'dagger'], session);
    expect([doctor.code, doctor.stdout]).toEqual([
      3,
      expect.stringContaining('npm install @dagger.io/dagger@'),
    ]);
  });
});
