import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';

// What scanned files and scanners write must not steer the user's terminal: its title, its clipboard, its colours, what stands above.

const ESC = '\u001b';
/** A title, the clipboard, a link, the cursor, a line that hides what was printed, a C1 control, and text from right to left. */
const EVIL = `${ESC}]0;owned\u0007${ESC}]52;c;b3duZWQ=\u0007${ESC}]8;;https://example.org${ESC}\\${ESC}[2J${ESC}[1A\r\u009b31m\u202e`;
/** Of a name of a file: no slash. */
const EVIL_NAME = EVIL.replaceAll('/', '_');

/** Reports a finding in each file, with the evil text wherever a scanner may put text; or fails with it. */
const SCANNER = `#!/usr/bin/python3 -I
import json, os, sys, urllib.parse
evil = ${JSON.stringify(EVIL)}
if os.path.exists('fail'):
    sys.stderr.write(evil + '\\n')
    sys.exit(9)
names = sorted(os.listdir('.'))
place = lambda name: {'physicalLocation': {'artifactLocation': {'uri': urllib.parse.quote(name)}, 'region': {'startLine': 1, 'snippet': {'text': evil}}}}
rule = {'id': 'rule' + evil, 'name': evil, 'shortDescription': {'text': evil}, 'fullDescription': {'text': evil}, 'help': {'text': evil}, 'helpUri': 'https://example.org/' + urllib.parse.quote(evil)}
results = [{'ruleId': 'rule' + evil, 'level': 'error', 'message': {'text': evil + name}, 'locations': [place(name)]} for name in names]
run = {'tool': {'driver': {'name': evil, 'rules': [rule]}}, 'artifacts': [{'location': {'uri': urllib.parse.quote(name)}} for name in names], 'results': results,
       'invocations': [{'executionSuccessful': True, 'toolExecutionNotifications': [{'level': 'warning', 'message': {'text': evil}}]}]}
json.dump({'version': '2.1.0', 'runs': [run]}, sys.stdout)
sys.stderr.write(evil + '\\n')
sys.exit(1)
`;

let root = '';
let dir = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-terminal-'));
  dir = join(root, 'tree');
  mkdirSync(dir);
  writeFileSync(join(dir, 'scan.py'), SCANNER);
  chmodSync(join(dir, 'scan.py'), 0o755);
  writeFileSync(join(dir, `a${EVIL_NAME}.txt`), 'one\n');
  writeFileSync(
    join(dir, 'secplan.json'),
    JSON.stringify({
      apiVersion: 'secplan/v1',
      metadata: { name: 'terminal' },
      tools: { custom: { mine: { command: ['./scan.py'], report: 'sarif', inputs: ['**'] } } },
      profiles: { own: { tools: { enable: ['mine'] } } },
      policy: {
        waivers: [{ match: { path: `a${EVIL_NAME}.txt` }, reason: EVIL, owner: EVIL, expires: '2999-01-01' }],
      },
    }),
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function secplan(args: readonly string[], color: boolean): Promise<string> {
  const { stdout, stderr, code } = await startCli(args, dir, {
    PATH: '/usr/bin:/bin',
    HOME: root,
    SECPLAN_CACHE_DIR: join(root, 'cache'),
    ...(color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  }).ended;
  expect(code, stderr).not.toBe(70);
  return stdout + stderr;
}

/** The first control character other than a line break and a colour. */
function controlIn(text: string): string {
  const plain = text.replaceAll('\n', '').replaceAll(new RegExp(`${ESC}\\[[0-9;]*m`, 'g'), '');
  return /[\p{Cc}\p{Bidi_Control}]/u.exec(plain)?.[0] ?? 'nothing';
}

const RUN = ['run', '--profile', 'own', '--trust-workspace'];
const COMMANDS: readonly (readonly string[])[] = [
  [...RUN, '--verbose'],
  [...RUN, '--unsandboxed'],
  ['plan', '--profile', 'own'],
  ['plan', '--profile', 'own', '--format', 'markdown'],
  ['why', 'mine', '--profile', 'own'],
  ['check'],
  ['check', '--at', '2030-01-01'],
  ['findings'],
  ['verify'],
  ['trust'],
  ['trust', '--list'],
  ['baseline', 'create', '--force'],
  ['golden', 'update'],
  ['golden', 'check'],
  ['cache', 'stats'],
];

describe.each([false, true])(
  'what a hostile tree and scanner write, with colours: %s',
  { timeout: 120_000 },
  (color) => {
    it('steers no terminal, by any command', async () => {
      for (const args of COMMANDS) {
        const text = await secplan(args, color);
        expect([args.join(' '), controlIn(text)]).toEqual([args.join(' '), 'nothing']);
      }
      const listed = JSON.parse(await secplan(['findings', '--json'], false)) as {
        findings: { fingerprint: string }[];
      };
      // The attack is real: the text arrived, and only its control characters are made visible.
      expect(JSON.stringify(listed)).toContain('owned');
      expect(await secplan(['findings'], color)).toContain('\\u001b]');
      const [finding] = listed.findings;
      for (const args of [
        ['explain', finding?.fingerprint ?? ''],
        ['explain', finding?.fingerprint ?? '', '--why-here'],
        ['explain', `rule${EVIL}`],
      ])
        expect([args, controlIn(await secplan(args, color))]).toEqual([args, 'nothing']);
    });

    it('steers none where the scanner fails with it', async () => {
      writeFileSync(join(dir, 'fail'), '');
      try {
        for (const args of [RUN, [...RUN, '--verbose'], ['findings'], ['why', 'mine', '--profile', 'own']]) {
          const text = await secplan(args, color);
          expect([args.join(' '), controlIn(text)]).toEqual([args.join(' '), 'nothing']);
        }
      } finally {
        rmSync(join(dir, 'fail'));
      }
    });
  },
);
