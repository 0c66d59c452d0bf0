import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listByGit } from '../../../src/executor/inventory/git-files.ts';
import { findGit, runGit } from '../../../src/io/git-command.ts';
import { safeGitDir } from '../../../src/io/safe-git-dir.ts';

let base: string;
let root: string;
let proof: string;
let script: string;
const git = findGit('/nonexistent', process.env.PATH) ?? 'git';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'secplan-safe-git-'));
  root = join(base, 'repository');
  mkdirSync(root);
  proof = join(base, 'ran');
  script = join(base, 'evil.sh');
  writeFileSync(script, `#!/bin/sh\necho "$0 $@" >> ${proof}\ncat\n`);
  chmodSync(script, 0o755);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function run(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function write(path: string, text = 'x\n'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function repository(attributes = ''): string {
  write('a.py');
  write('sub/b.py');
  if (attributes !== '') write('.gitattributes', attributes);
  run(root, 'init', '-q', '-b', 'main');
  run(root, 'add', '-A');
  run(root, 'commit', '-qm', 'x');
  return run(root, 'rev-parse', 'HEAD');
}

const place = (workTree = root) => ({ git, gitDir: join(workTree, '.git'), workTree });

/** Lists the repository after its index went stale, so that git has to read a file to know whether it changed. */
async function listed(workTree = root) {
  utimesSync(join(workTree, 'a.py'), 1_700_000_000, 1_700_000_000);
  const listing = await listByGit(place(workTree), workTree);
  return listing.ok ? listing : expect.fail(listing.detail);
}

describe("a repository's own configuration", () => {
  it.each([
    ['a filter', '* filter=evil\n', '[filter "evil"]\n\tclean = SCRIPT\n\trequired = true\n'],
    ['a filter whose name holds an equals sign', '* filter=a=b\n', '[filter "a=b"]\n\tclean = SCRIPT\n'],
    ['a filter of a long-running process', '* filter=evil\n', '[filter "evil"]\n\tprocess = SCRIPT\n'],
    [
      'a filter behind a header and its key on one line',
      '* filter=evil\n',
      '[filter "evil"] clean = SCRIPT\n',
    ],
    ['an include', '* filter=evil\n', '[include]\n\tpath = INCLUDED\n'],
    ['an include by condition', '* filter=evil\n', '[includeIf "gitdir:/**"]\n\tpath = INCLUDED\n'],
    ['an include in another case', '* filter=evil\n', '[INCLUDE]\n\tpath = INCLUDED\n'],
    ['a monitor of the file system', '', '[core]\n\tfsmonitor = SCRIPT\n'],
    ['a monitor behind the header', '', '[core] fsmonitor = SCRIPT\n'],
  ])('runs no program through %s', async (_, attributes, config) => {
    repository(attributes);
    const included = join(base, 'included');
    writeFileSync(included, `[filter "evil"]\n\tclean = ${script}\n`);
    appendFileSync(
      join(root, '.git/config'),
      config.replaceAll('SCRIPT', script).replaceAll('INCLUDED', included),
    );
    utimesSync(join(root, 'a.py'), 1_700_000_000, 1_700_000_000);
    // The trap is armed: git as everybody calls it walks into it.
    spawnSync('git', ['status', '--porcelain'], { cwd: root });
    expect(existsSync(proof)).toBe(true);
    rmSync(proof);
    const { files, state } = await listed();
    expect(existsSync(proof)).toBe(false);
    expect(files.tracked).toEqual(expect.arrayContaining(['a.py', 'sub/b.py']));
    expect(state?.sha).toMatch(/^[0-9a-f]{40}$/);
  });

  it('runs none through the configuration of an untracked repository inside it', async () => {
    repository();
    const outer = root;
    root = join(outer, 'nested');
    repository('* filter=a=b\n');
    appendFileSync(join(root, '.git/config'), `[filter "a=b"]\n\tclean = ${script}\n`);
    utimesSync(join(root, 'a.py'), 1_700_000_000, 1_700_000_000);
    const { files } = await listed(outer);
    expect(existsSync(proof)).toBe(false);
    expect(files.untracked).toEqual(expect.arrayContaining(['nested/a.py', 'nested/sub/b.py']));
  });

  it('hides no file', async () => {
    repository();
    write('new.py');
    const excludes = join(base, 'excludes');
    writeFileSync(excludes, '*.py\n');
    run(root, 'config', 'core.excludesFile', excludes);
    run(root, 'config', 'status.showUntrackedFiles', 'no');
    expect(run(root, 'status', '--porcelain')).toBe('');
    const { files } = await listed();
    expect(files.untracked).toEqual(['new.py']);
  });

  it('is read as it stands where it is a clone’s own, and no folder is made for it', async () => {
    repository();
    run(root, 'config', 'remote.origin.url', 'https://example.org/o/r.git');
    run(root, 'config', 'branch.main.merge', 'refs/heads/main');
    const safe = await safeGitDir(git, join(root, '.git'));
    expect(safe).toMatchObject({ gitDir: join(root, '.git'), env: {} });
  });

  it('is replaced by the format alone where it holds more, and nothing stays behind', async () => {
    repository();
    run(root, 'config', 'core.pager', 'x');
    run(root, 'config', 'core.ignoreCase', 'true');
    const safe = await safeGitDir(git, join(root, '.git'));
    if (typeof safe === 'string') return expect.fail(safe);
    const kept = execFileSync('git', ['config', '--file', join(safe.gitDir, 'config'), '--list'], {
      encoding: 'utf8',
    });
    expect(kept).toContain('core.ignorecase=true');
    expect(kept).not.toContain('pager');
    safe.dispose();
    expect(existsSync(safe.gitDir)).toBe(false);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('secplan-git-'));
    await listed();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('secplan-git-'))).toEqual(before);
  });
});

describe('a repository of another kind is listed the same', () => {
  const plain = ['a.py', 'sub/b.py'];

  it.each([
    ['a sha256 repository', ['init', '-q', '--object-format=sha256', '-b', 'main']],
    ['a repository with a split index', ['init', '-q', '-b', 'main']],
  ])('%s', async (what, init) => {
    write('a.py');
    write('sub/b.py');
    run(root, ...init);
    run(root, 'config', 'core.pager', 'x');
    if (what.includes('split')) run(root, 'config', 'core.splitIndex', 'true');
    run(root, 'add', '-A');
    run(root, 'commit', '-qm', 'x');
    if (what.includes('split')) run(root, 'update-index', '--split-index');
    const { files, state } = await listed();
    expect([...files.tracked].sort()).toEqual(plain);
    expect(state?.sha).toBe(run(root, 'rev-parse', 'HEAD'));
  });

  it('a linked worktree, and one with packed refs', async () => {
    const sha = repository();
    run(root, 'config', 'core.pager', 'x');
    run(root, 'pack-refs', '--all');
    const linked = join(base, 'linked');
    run(root, 'worktree', 'add', '-q', linked);
    const { files, state } = await listed(linked);
    expect([...files.tracked].sort()).toEqual(plain);
    expect(state).toMatchObject({ sha });
  });

  it('a clone that borrows objects by a relative path', async () => {
    const sha = repository();
    const clone = join(base, 'clone');
    run(base, 'clone', '-q', '--shared', root, clone);
    writeFileSync(join(clone, '.git/objects/info/alternates'), '../../../repository/.git/objects\n');
    run(clone, 'config', 'core.pager', 'x');
    const shown = await runGit(place(clone), clone, ['cat-file', 'blob', `${sha}:a.py`]);
    expect(shown).toMatchObject({ ok: true, exitCode: 0 });
    expect(shown.ok && shown.stdout.toString()).toBe('x\n');
  });

  it('a sparse checkout', async () => {
    repository();
    run(root, 'sparse-checkout', 'set', 'sub');
    run(root, 'config', 'core.pager', 'x');
    const listing = await listByGit(place(), root);
    expect(listing).toMatchObject({ ok: true, state: { dirty: false } });
  });

  it('says why where .git is a link to nothing', async () => {
    symlinkSync('/nonexistent', join(root, '.git'));
    expect(await runGit(place(), root, ['status'])).toEqual({
      ok: false,
      detail: '.git is not a repository',
    });
  });
});
