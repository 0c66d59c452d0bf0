import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import { changedSince } from '../../../src/app/gate/changed-since.ts';
import { baselineText } from '../../../src/app/policy-inputs/read-baseline.ts';
import { workspaceFiles } from '../../../src/app/policy-inputs/workspace-files.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import { blobId } from '../../../src/io/git-blob-id.ts';
import { baselineOf } from '../../../src/policy/baseline.ts';
import { existedBefore } from '../../../src/policy/since.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { customWorld, manifestOf } from '../../support/custom-world.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function repository(): {
  dir: string;
  git: (...args: string[]) => string;
  write: (path: string, text: string) => void;
} {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-since-')));
  folders.push(dir);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  git('init', '-q', '-b', 'main');
  return { dir, git, write: (path, text) => writeFileSync(join(dir, path), text) };
}

function found(tool: string, path: string, id = `${tool} ${path}`): Finding {
  const print = fingerprint(createHash('sha256').update(id).digest('hex'));
  const span = { path, startLine: 1 };
  const rule = { id: 'R' };
  return {
    fingerprint: print,
    kind: 'code',
    category: 'sast',
    target: 'source',
    severity: 'high',
    rule,
    message: 'm',
    span,
    advisories: [],
    accounts: [
      {
        fingerprint: print,
        stage: stageId(tool),
        tool: toolId(tool),
        rule,
        message: 'm',
        severity: 'high',
        span,
      },
    ],
  };
}

async function existing(
  dir: string,
  ref: string,
  findings: readonly Finding[],
): Promise<boolean[] | string[]> {
  const compiled = await compileManifest({ cwd: dir, profile: 'light' });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const since = await changedSince(ref, compiled.value.plan, dir, workspaceFiles(dir));
  return since.ok
    ? findings.map(existedBefore(since.value.of(findings)))
    : since.diagnostics.map(({ code }) => code);
}

describe('changedSince', () => {
  it('knows what per-file tools found in files that are what they were at the merge base', async () => {
    const { dir, git, write } = repository();
    for (const name of ['same.py', 'edited.py', 'staged.py', 'committed.py']) write(name, 'x = 1\n');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-qb', 'change');
    write('committed.py', 'x = 2\n');
    git('commit', '-qam', 'change');
    write('staged.py', 'x = 2\n');
    git('add', '.');
    write('edited.py', 'x = 2\n');
    write('untracked.py', 'x = 1\n');
    git('checkout', '-q', 'main');
    git('checkout', '-q', 'change');
    const paths = ['same.py', 'committed.py', 'staged.py', 'edited.py', 'untracked.py', 'missing.py'];
    expect(
      await existing(
        dir,
        'main',
        paths.map((path) => found('ruff', path)),
      ),
    ).toEqual([true, false, false, false, false, false]);
    // Nothing but what is declared per file: another tool may see more than the file.
    expect(await existing(dir, 'main', [found('trivy-fs', 'same.py')])).toEqual([false]);
  });

  it('compares with the merge base, not with what the ref has become', async () => {
    const { dir, git, write } = repository();
    write('a.py', 'x = 1\n');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-qb', 'change');
    write('b.py', 'x = 1\n');
    git('add', '.');
    git('commit', '-qm', 'change');
    git('checkout', '-q', 'main');
    write('a.py', 'x = 2\n');
    git('commit', '-qam', 'main moved');
    git('checkout', '-q', 'change');
    expect(await existing(dir, 'main', [found('ruff', 'a.py'), found('ruff', 'b.py')])).toEqual([
      true,
      false,
    ]);
  });

  it('takes the baseline of the ref, and refuses one that is none', async () => {
    const { dir, git, write } = repository();
    const known = found('trivy-fs', 'a.txt');
    write('secplan.baseline.json', baselineText(baselineOf([known])));
    git('add', '.');
    git('commit', '-qm', 'base');
    expect(await existing(dir, 'main', [known, found('trivy-fs', 'b.txt')])).toEqual([true, false]);
    git('commit', '-q', '--allow-empty', '-m', 'x');
    write('secplan.baseline.json', '{}');
    git('commit', '-qam', 'broken');
    expect(await existing(dir, 'main~1', [known])).toEqual([true]);
    expect(await existing(dir, 'main', [known])).toEqual(['SP4010']);
  });

  it('starts no filter of the repository', async () => {
    const { dir, git, write } = repository();
    write('.gitattributes', '*.py filter=evil\n');
    write('a.py', 'x = 1\n');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('config', 'filter.evil.clean', 'touch ran; cat');
    write('a.py', 'x = 2\n');
    expect(await existing(dir, 'main', [found('ruff', 'a.py')])).toEqual([false]);
    expect(git('status', '--porcelain', '-uall', '--', 'ran')).toBe('');
  });

  it('no common commit is SP4012, no such ref SP9001', async () => {
    const { dir, git, write } = repository();
    write('a.py', '');
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-q', '--orphan', 'other');
    git('commit', '-qm', 'other');
    expect(await existing(dir, 'main', [])).toEqual(['SP4012']);
    expect(await existing(dir, 'nowhere', [])).toEqual(['SP9001']);
    expect(await existing(dir, '--all', [])).toEqual(['SP9001']);
  });

  it('gives files the ids that git gives them, whichever hash it uses', () => {
    expect(blobId(Buffer.from('x\n'), 'a'.repeat(40))).toBe('587be6b4c3f93f93c489c0111bba5596147a26cb');
    expect(blobId(Buffer.from(''), 'a'.repeat(64))).toBe(
      '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
    );
  });

  it('no tool that reads a database, an image or another tool’s output says that it is per file', () => {
    for (const entry of catalogue.values()) {
      if (entry.perFile !== true) continue;
      expect([entry.id, entry.requires.consumes ?? [], entry.requires.network ?? 'none']).toEqual([
        entry.id,
        [],
        'none',
      ]);
      expect(['source', 'privacy', 'iac']).toContain(entry.requires.target);
    }
    expect(catalogue.get('ruff')?.perFile).toBe(true);
  });
});

it('a whole run counts only what is new since the ref', async () => {
  const world = customWorld(manifestOf({ policy: { budgets: { default: { low: 0, info: 0, medium: 0 } } } }));
  folders.push(world.root);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: world.workspace,
      env: { PATH: process.env.PATH, HOME: world.root, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
    });
  git('init', '-q', '-b', 'main');
  world.write('bad.txt', 'FIXME\n');
  const first = await world.scan();
  expect(first.exitCode).toBe(1);
  world.write('secplan.baseline.json', baselineText(baselineOf(first.scan?.findings ?? [])));
  git('add', '.');
  git('commit', '-qm', 'base');
  const same = await world.scan({ changedSince: 'main' });
  expect([same.exitCode, same.scan?.verdict.comparison?.existing]).toEqual([0, 1]);
  world.write('worse.txt', 'FIXME too\n');
  const worse = await world.scan({ changedSince: 'main' });
  expect([worse.exitCode, worse.scan?.verdict.comparison?.new.length]).toEqual([1, 1]);
});
