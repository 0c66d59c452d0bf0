import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { worstExit } from '../../../src/cli/shared/exit-code.ts';
import { cliPlace } from '../../support/cli.ts';

const ESCAPE = String.fromCharCode(27);

const MISTAKES: readonly (readonly [args: readonly string[], code: string, says: string])[] = [
  [['rnu'], 'SP9001', 'did you mean: run'],
  [['run', '--plicy', 'x'], 'SP9001', 'did you mean: --policy'],
  [['plan', '--format', 'pdf'], 'SP9001', 'allowed: text, json, markdown, dot, mermaid, svg'],
  [['compile', 'a.yaml', 'b.yaml'], 'SP9001', 'too many arguments'],
  [['why'], 'SP9001', "missing required argument 'stage'"],
  [['run', '--only', 'a,,b'], 'SP9001', 'A name is empty'],
  [['run', '--plan', 'p.json', '--profile', 'light'], 'SP9001', '--plan and --profile'],
  [['plan', '--fail-on', 'weakening'], 'SP9001', '--fail-on needs --against'],
  [['plan', '--against', 'x', '--format', 'dot'], 'SP9001', 'cannot show changes'],
  [['run', '--trusted', 'main'], 'SP2066', '--trusted'],
  [['run', '--shard', '1/2'], 'SP9002', '--shard is not implemented in this version'],
  [['merge', 'a', '--whatever'], 'SP9002', 'merge is not implemented in this version'],
  [['explain', 'SP2O01'], 'SP9001', 'did you mean: SP2001'],
  [['tools', 'show', 'rufff'], 'SP2006', 'did you mean: ruff'],
  [['parse', 'rufff', 'x'], 'SP2006', 'did you mean: ruff'],
  [['parse', 'ruff', 'nowhere.sarif'], 'SP9001', 'it does not exist'],
  [['cache', 'prune', '--max-size', 'lots'], 'SP9001', 'not a size'],
  [['check'], 'SP6001', 'no bundle'],
  [['check', '--at', '2027-02-30'], 'SP9001', 'not a day'],
  [['schema', 'manifst'], 'SP9001', 'did you mean: manifest'],
  [['compile', 'nowhere.yaml'], 'SP1001', 'nowhere.yaml'],
  [['plan', '--workspace', 'nowhere'], 'SP1001', 'workspace is not a folder: nowhere'],
];

test('every mistake has its code, says what was meant, and ends with 2', async () => {
  using place = cliPlace();
  for (const [args, code, says] of MISTAKES) {
    const { code: exit, stdout, stderr } = await place.secplan(args);
    expect([args, exit, stdout]).toEqual([args, 2, '']);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain(says);
  }
}, 240_000);

test('with --json a mistake is one document on stdout and JSON lines on stderr', async () => {
  using place = cliPlace();
  for (const [args, code] of MISTAKES) {
    if (args[0] === 'merge' || args[0] === 'schema') continue;
    const { code: exit, stdout, stderr } = await place.secplan([...args, '--json']);
    const document = JSON.parse(stdout) as {
      schema: string;
      exitCode: number;
      diagnostics: { code: string }[];
    };
    expect(document).toMatchObject({ schema: 'https://secplan.dev/schema/error/v1', exitCode: 2 });
    expect(document.diagnostics.map((item) => item.code)).toContain(code);
    expect(exit).toBe(2);
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
  }
}, 240_000);

test('help of every command has a summary, and examples where it does something', async () => {
  using place = cliPlace();
  const visible = COMMANDS.filter((spec) => !spec.future);
  const help = await place.secplan(['--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('130  interrupted');
  for (const { name } of visible) expect(help.stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  const commands = visible.flatMap((spec) =>
    spec.commands === undefined ? [[spec]] : spec.commands.map((sub) => [spec, sub]),
  );
  for (const path of commands) {
    const spec = path.at(-1);
    expect(spec?.summary).toMatch(/^[a-z].*[^.]$/);
    expect(spec?.examples?.length ?? 0, path.map(({ name }) => name).join(' ')).toBeGreaterThan(0);
    expect(spec?.run).toBeTypeOf('function');
  }
  expect((await place.secplan(['tools', 'lock', '--help'])).stdout).toContain('Examples:');
  expect((await place.secplan([])).code).toBe(2);
});

test('--version prints the version alone', async () => {
  using place = cliPlace();
  const { code, stdout, stderr } = await place.secplan(['--version']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

test('a pipe gets no escape sequence, whatever the terminal variables say', async () => {
  using place = cliPlace('minimal');
  for (const args of [
    ['plan'],
    ['explain', 'SP2001'],
    ['tools', 'list'],
    ['rnu'],
    ['tools', 'show', 'ruff'],
  ]) {
    const { stdout, stderr } = await place.secplan(args, { TERM: 'xterm-256color', COLORTERM: 'truecolor' });
    expect(stdout + stderr).not.toContain(ESCAPE);
  }
});

test('an unexpected exception is a bug: 70, a short message, a stack only when asked for', async () => {
  using place = cliPlace('minimal');
  const broken = {
    NODE_OPTIONS: '--import=data:text/javascript,Array.prototype.toSorted=()=>{throw(new(Error)("planted"))}',
  };
  const short = await place.secplan(['tools', 'list'], broken);
  expect(short.code).toBe(70);
  expect(short.stderr).toContain('This is a bug in secplan');
  expect(short.stderr).toContain('planted');
  expect(short.stderr).not.toContain('    at ');
  const long = await place.secplan(['tools', 'list'], { ...broken, SECPLAN_DEBUG: '1' });
  expect(long.stderr).toContain('    at ');
});

test('of several exit codes the documented one is given', () => {
  expect(worstExit([])).toBe(0);
  expect(worstExit([0, 4, 1])).toBe(1);
  expect(worstExit([8, 1])).toBe(1);
  expect(worstExit([8])).toBe(8);
  expect(worstExit([6, 5, 7, 4, 3, 1, 2, 130])).toBe(130);
  expect(worstExit([3, 4])).toBe(3);
  expect(worstExit([130, 70])).toBe(70);
});
