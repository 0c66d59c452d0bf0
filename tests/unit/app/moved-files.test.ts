import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formerFingerprints } from '../../../src/app/gate/former-fingerprints.ts';
import { movedSinceBaseline } from '../../../src/app/gate/moved-since-baseline.ts';
import { digestOf } from '../../../src/core/canonical.ts';
import type { Finding, ParsedFinding } from '../../../src/core/finding.ts';
import { identify } from '../../../src/executor/judge/identify.ts';
import { createLineReader } from '../../../src/io/line-reader.ts';
import type { Plan } from '../../../src/planner/ir/ir.ts';
import { baselineOf, goneFrom, knownBy, pruneBaseline } from '../../../src/policy/baseline.ts';
import type { Coverage } from '../../../src/policy/coverage.ts';
import { toolStage } from '../../support/tool-stage.ts';

const BASELINE = 'secplan.baseline.json';
const STAGE = toolStage('t');
const PLAN = { stages: [STAGE] } as unknown as Plan;
const COVERAGE = { entries: [{ tool: STAGE.tool, state: 'done' }] } as unknown as Coverage;
const CODE = ['import os', 'eval(x)', ...Array.from({ length: 20 }, (_, index) => `y${index} = ${index}`)];
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function repository() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-moved-')));
  folders.push(dir);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  git('init', '-q', '-b', 'main');
  return { dir, git, write };
}

/** What a scanner of `eval` finds in a file. */
function scan(dir: string, path: string, lines: readonly string[] = CODE): readonly Finding[] {
  const parsed = lines.flatMap((line, index): ParsedFinding[] =>
    line.includes('eval')
      ? [{ kind: 'code', rule: { id: 'R' }, message: 'm', span: { path, startLine: index + 1 } }]
      : [],
  );
  return identify(STAGE, {}, parsed, createLineReader(dir, new Set([path])));
}

async function moved(dir: string, text: string): Promise<Record<string, string>> {
  return Object.fromEntries(await movedSinceBaseline(dir, { path: BASELINE, digest: digestOf(text) }));
}

describe('a file that moved since the baseline', () => {
  it('keeps its findings known, and what else it holds new', async () => {
    const { dir, git, write } = repository();
    write('app.py', CODE.join('\n'));
    write(BASELINE, 'b');
    git('add', '.');
    git('commit', '-qm', 'base');
    const known = baselineOf(scan(dir, 'app.py')).findings;
    const after = [...CODE, 'eval(y)'];
    mkdirSync(join(dir, 'src'));
    git('mv', 'app.py', 'src/main.py');
    write('src/main.py', after.join('\n'));
    expect(await moved(dir, 'b')).toEqual({ 'src/main.py': 'app.py' });
    git('commit', '-qam', 'move');
    const files = new Map(Object.entries(await moved(dir, 'b')));
    const findings = scan(dir, 'src/main.py', after);
    const formerly = formerFingerprints(PLAN, dir, findings, files);
    expect(findings.map(knownBy(known))).toEqual([false, false]);
    expect(findings.map(knownBy(known, formerly))).toEqual([true, false]);
    expect([goneFrom(known, findings, COVERAGE), goneFrom(known, findings, COVERAGE, formerly)]).toEqual([
      known,
      [],
    ]);
    const before = { schema: 'https://secplan.dev/schema/baseline/v1', findings: known } as const;
    const pruned = pruneBaseline(before, findings, COVERAGE, formerly);
    expect(pruned.dropped).toEqual([]);
    expect(pruned.baseline.findings).toEqual(baselineOf(findings.slice(0, 1)).findings);
  });

  it('is one that is gone: neither a copy nor another content is a move', async () => {
    const { dir, git, write } = repository();
    write('app.py', CODE.join('\n'));
    write('old.py', 'a = 1\nb = 2\nc = 3\n');
    write(BASELINE, 'b');
    git('add', '.');
    git('commit', '-qm', 'base');
    write('copy.py', CODE.join('\n'));
    git('rm', '-q', 'old.py');
    write('new.py', 'eval(z)\nimport sys\n');
    git('add', '.');
    expect(await moved(dir, 'b')).toEqual({});
  });

  it('is looked for since the last change of the baseline, or since HEAD where it is not committed', async () => {
    const { dir, git, write } = repository();
    write('app.py', CODE.join('\n'));
    write(BASELINE, 'old');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('mv', 'app.py', 'one.py');
    write(BASELINE, 'b');
    git('commit', '-qam', 'move and record');
    expect(await moved(dir, 'b')).toEqual({});
    git('mv', 'one.py', 'two.py');
    git('commit', '-qam', 'move again');
    expect(await moved(dir, 'b')).toEqual({ 'two.py': 'one.py' });
    expect(await moved(dir, 'not committed')).toEqual({});
  });

  it('is none without a repository', async () => {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-moved-')));
    folders.push(dir);
    expect(await moved(dir, 'b')).toEqual({});
  });
});
