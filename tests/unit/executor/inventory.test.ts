import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.ts';
import { compareInputLists, encodeInputList } from '../../../src/executor/cache/input-list.ts';
import { materialize, removeView, verifyView } from '../../../src/executor/engine/input-view.ts';
import { compileExcludes, compileGlobs } from '../../../src/executor/inventory/glob.ts';
import { selectInput } from '../../../src/executor/inventory/select-input.ts';
import { emptyTable, loadStatIndex, saveStatIndex } from '../../../src/executor/inventory/stat-index.ts';
import { type InventoryRequest, takeInventory } from '../../../src/executor/inventory/take-inventory.ts';
import type { Inventory, WorkspaceInventory } from '../../../src/executor/inventory/types.ts';
import { fileIdentity } from '../../../src/io/output-files.ts';

let base = '';
let root = '';
let indexFile = '';

beforeEach(() => {
  base = mkdtempSync(join(realpathSync(tmpdir()), 'secplan-inventory-'));
  root = join(base, 'w');
  indexFile = join(base, 'cache', 'index.bin');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(path: string, text = `${path}\n`): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Makes files look as if written long ago, so that none is racily clean. */
function age(...paths: string[]): void {
  for (const path of paths) utimesSync(join(root, path), 1_600_000_000, 1_600_000_000.5);
}

function git(...args: string[]): string {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.org',
    '-c',
    'protocol.file.allow=always',
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: base,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  return execFileSync('git', [...identity, ...args], { cwd: root, env, stdio: 'pipe' }).toString();
}

async function take(more: Partial<InventoryRequest> = {}): Promise<WorkspaceInventory> {
  const outcome = await takeInventory({ root, indexFile, ...more });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
}

function paths(inventory: Inventory): string[] {
  return inventory.files.map((file) => file.path);
}

function reasons(inventory: Inventory): Record<string, string> {
  return Object.fromEntries(inventory.leftOut.map((left) => [left.path, left.reason]));
}

function all(inventory: Inventory) {
  return selectInput(inventory, { selection: { include: ['**'] }, excludedByManifest: [] });
}

describe('which files a workspace has', () => {
  test('in git: tracked and untracked files, not ignored ones, with the reason for each left out', async () => {
    write('src/a.py');
    write('.gitignore', 'secret.txt\nlogs/\n');
    git('init', '-q');
    git('add', '-A', '-f');
    git('commit', '-qm', 'x');
    write('node_modules/dep/index.js');
    write('new.py');
    write('secret.txt');
    write('logs/one.log');
    write('env/pyvenv.cfg');
    write('env/lib/x.py');
    write('build/results/b/plan.json');
    const inventory = await take({ exportDir: join(root, 'build/results') });
    expect(paths(inventory)).toEqual(['.gitignore', 'new.py', 'src/a.py']);
    expect(reasons(inventory)).toEqual({
      'build/results/': 'export-folder',
      'env/': 'ignored-folder',
      'logs/': 'git-ignored',
      'node_modules/': 'ignored-folder',
      'secret.txt': 'git-ignored',
    });
    expect(inventory.git).toEqual({ sha: git('rev-parse', 'HEAD').trim(), dirty: true });
  });

  test('what git tracks is never left out for the name of its folder', async () => {
    const folders = ['.cache', 'site-packages', 'node_modules', '.tox', '__pycache__', 'dist', 'venv', '.nx'];
    for (const folder of folders) write(`a/${folder}/x.py`);
    symlinkSync('a/.cache', join(root, 'src'));
    git('init', '-q');
    git('add', '-A', '-f');
    git('commit', '-qm', 'x');
    for (const folder of folders) write(`b/${folder}/x.py`);
    const inventory = await take();
    expect(paths(inventory).filter((path) => path.startsWith('a/'))).toEqual(
      folders.map((folder) => `a/${folder}/x.py`).sort(),
    );
    expect(reasons(inventory)).toMatchObject({ 'b/.cache/': 'ignored-folder', src: 'link-to-folder' });
  });

  test('a tracked file that is not on disk is named, and the tree is dirty', async () => {
    for (const path of ['a.py', 'gone/b.py', 'big.bin', 'x.py']) write(path);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    writeFileSync(join(root, 'big.bin'), pointer);
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    git('update-index', '--skip-worktree', 'gone/b.py');
    rmSync(join(root, 'gone'), { recursive: true });
    const inventory = await take();
    expect(paths(inventory)).toEqual(['a.py', 'x.py']);
    expect(reasons(inventory)).toEqual({ 'gone/b.py': 'absent', 'big.bin': 'lfs-pointer' });
    expect(inventory.git?.dirty).toBe(true);
  });

  test.each(['--skip-worktree', '--assume-unchanged'])(
    'a file with other content under %s makes the tree dirty',
    async (flag) => {
      write('a.py', 'x = 1\n');
      git('init', '-q');
      git('add', '-A');
      git('commit', '-qm', 'x');
      git('update-index', flag, 'a.py');
      expect((await take()).git?.dirty).toBe(false);
      write('a.py', 'x = 2\n');
      expect((await take()).git?.dirty).toBe(true);
    },
  );

  test('a submodule that is not checked out is named, and the tree is dirty', async () => {
    write('a.py');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD').trim()},lib`);
    git('commit', '-qm', 'lib');
    mkdirSync(join(root, 'lib'));
    const inventory = await take();
    expect(reasons(inventory)).toEqual({ 'lib/': 'submodule' });
    expect(inventory.git?.dirty).toBe(true);
  });

  test('a marker committed beside sources hides none of them', async () => {
    for (const path of ['app/pyvenv.cfg', 'app/CACHEDIR.TAG', 'app/evil.py', 'build/run.py', 'package.json'])
      write(path);
    git('init', '-q');
    git('add', '-A');
    expect(paths(await take())).toEqual([
      'app/CACHEDIR.TAG',
      'app/evil.py',
      'app/pyvenv.cfg',
      'build/run.py',
      'package.json',
    ]);
  });

  test('dirty tells a changed tracked file from an untouched checkout', async () => {
    write('a.py');
    git('init', '-q');
    git('add', '-A');
    expect((await take()).git).toBeNull();
    git('commit', '-qm', 'x');
    expect((await take()).git?.dirty).toBe(false);
    write('a.py', 'changed, and longer');
    expect((await take()).git?.dirty).toBe(true);
  });

  test('a subfolder of a repository is listed alone; one that the repository ignores is walked', async () => {
    write('pkg/a.py');
    write('other/b.py');
    write('.gitignore', 'scratch/\n');
    write('scratch/c.py');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    const inner = await take({ root: join(root, 'pkg') });
    expect(paths(inner)).toEqual(['a.py']);
    expect(inner.git?.dirty).toBe(false);
    const ignored = await take({ root: join(root, 'scratch') });
    expect(paths(ignored)).toEqual(['c.py']);
  });

  test('a log that this run prints to is left out, by whatever name it is reached', async () => {
    write('a.py');
    write('scan.log');
    symlinkSync('scan.log', join(root, 'link.log'));
    const logs = new Set([fileIdentity(lstatSync(join(root, 'scan.log'), { bigint: true }))]);
    const inventory = await take({ logs });
    expect(paths(inventory)).toEqual(['a.py']);
    expect(reasons(inventory)).toEqual({ 'link.log': 'own-log', 'scan.log': 'own-log' });
    expect(paths(await take({ logs: new Set() }))).toEqual(['a.py', 'link.log', 'scan.log']);
  });

  test('a .git that is a symbolic link is a repository', async () => {
    write('a.py');
    write('.gitignore', 'b.py\n');
    write('b.py');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    renameSync(join(root, '.git'), join(base, 'elsewhere.git'));
    symlinkSync('../elsewhere.git', join(root, '.git'));
    const inventory = await take();
    expect(paths(inventory)).toEqual(['.gitignore', 'a.py']);
    expect(inventory.git).toEqual({ sha: git('rev-parse', 'HEAD').trim(), dirty: false });
  });

  test('submodules and nested clones are listed by their own index', async () => {
    const outer = root;
    root = join(base, 'lib');
    write('lib.py');
    write('.gitignore', '*.tmp\n');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'lib');
    root = outer;
    write('a.py');
    git('init', '-q');
    git('submodule', '--quiet', 'add', join(base, 'lib'), 'sub');
    git('clone', '-q', join(base, 'lib'), 'nested');
    write('sub/x.tmp');
    const inventory = await take();
    expect(paths(inventory)).toEqual([
      '.gitmodules',
      'a.py',
      'nested/.gitignore',
      'nested/lib.py',
      'sub/.gitignore',
      'sub/lib.py',
    ]);
    expect(reasons(inventory)['sub/x.tmp']).toBe('git-ignored');
  });

  test('without git: everything but dependency, build and cache folders', async () => {
    for (const path of [
      'a.py',
      '.github/x.yml',
      'node_modules/d/i.js',
      'target/x.rs',
      'Cargo.toml',
      'sub/target/y.rs',
    ])
      write(path);
    write('v/pyvenv.cfg');
    const inventory = await take();
    expect(paths(inventory)).toEqual(['.github/x.yml', 'Cargo.toml', 'a.py', 'sub/target/y.rs']);
    expect(reasons(inventory)).toEqual({
      'node_modules/': 'ignored-folder',
      'target/': 'ignored-folder',
      'v/': 'ignored-folder',
    });
    expect(inventory.git).toBeNull();
  });

  test.each(['git', 'walk'])('hostile entries are listed and never opened (%s)', async (mode) => {
    write('ok.py');
    write('with\nnewline "quoted".py', 'x = 1\n');
    execFileSync('mkfifo', [join(root, 'pipe.py')]);
    const server = createServer().listen(join(root, 'sock.py'));
    await new Promise((resolve) => server.once('listening', resolve));
    writeFileSync(join(root, 'huge.py'), '');
    truncateSync(join(root, 'huge.py'), 2 * 2 ** 30);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff]), Buffer.from('.py')]), 'x');
    symlinkSync('/etc/passwd', join(root, 'out.py'));
    symlinkSync('ok.py', join(root, 'in.py'));
    symlinkSync('nowhere', join(root, 'dangling.py'));
    symlinkSync('loop.py', join(root, 'loop.py'));
    mkdirSync(join(root, 'dir'));
    write('dir/d.py');
    symlinkSync('dir', join(root, 'todir'));
    if (mode === 'git') {
      git('init', '-q');
      git('add', 'ok.py', 'in.py', 'out.py', 'todir');
    }
    const outcome = await takeInventory({ root, indexFile });
    server.close();
    if (!outcome.ok) throw new Error('not ok');
    const inventory = outcome.value;
    expect(paths(inventory)).toEqual(['dir/d.py', 'in.py', 'ok.py', 'with\nnewline "quoted".py']);
    const left = reasons(inventory);
    expect(left).toMatchObject({
      'huge.py': 'too-large',
      'out.py': 'link-outside',
      'dangling.py': 'unreadable',
      'loop.py': 'unreadable',
      todir: 'link-to-folder',
      'bad\uFFFD.py': 'unusable-name',
    });
    // Git itself does not list pipes and sockets.
    if (mode === 'walk') expect(left).toMatchObject({ 'pipe.py': 'special-file', 'sock.py': 'special-file' });
    expect(outcome.diagnostics.map((d) => d.code)).toEqual(expect.arrayContaining(['SP5004', 'SP5005']));
    expect(await inventory.digest('in.py')).toBe(await inventory.digest('ok.py'));
    expect((await all(inventory)).files).toHaveLength(4);
    const dir = join(base, 'view');
    const made = await materialize({ input: await all(inventory), inventory, dir, mode: 'link' });
    expect(made.ok).toBe(true);
    expect(lstatSync(join(dir, 'in.py')).isFile()).toBe(true);
    expect(readFileSync(join(dir, 'with\nnewline "quoted".py'), 'utf8')).toBe('x = 1\n');
  });

  test('a tracked file below a folder that has become a link is not followed out of the workspace', async () => {
    write('d/passwd');
    write('a.py');
    git('init', '-q');
    git('add', '-A');
    rmSync(join(root, 'd'), { recursive: true });
    symlinkSync('/etc', join(root, 'd'));
    const inventory = await take();
    expect(paths(inventory)).toEqual(['a.py']);
    expect(reasons(inventory)).toMatchObject({ d: 'link-outside' });
  });

  test("a repository's configuration starts no program", async () => {
    write('a.py');
    write('.gitattributes', '* filter=evil diff=evil\n');
    const proof = join(base, 'ran');
    const script = join(base, 'evil.sh');
    writeFileSync(script, `#!/bin/sh\necho "$0 $@" >> ${proof}\ncat\n`);
    chmodSync(script, 0o755);
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    mkdirSync(join(root, '.git/hooks'), { recursive: true });
    for (const hook of ['post-index-change', 'fsmonitor-watchman', 'pre-auto-gc']) {
      writeFileSync(join(root, '.git/hooks', hook), `#!/bin/sh\necho hook >> ${proof}\n`);
      chmodSync(join(root, '.git/hooks', hook), 0o755);
    }
    const included = join(root, '.git/more');
    writeFileSync(
      included,
      `[filter "evil"]\n\tclean = ${script}\n\tprocess = ${script}\n\trequired = true\n`,
    );
    for (const [key, value] of [
      ['core.fsmonitor', script],
      ['diff.external', script],
      ['diff.evil.textconv', script],
      ['core.pager', script],
      ['core.sshCommand', script],
      ['include.path', included],
    ] as const)
      git('config', key, value);
    // Same size, other times: git has to read the file to tell whether it changed.
    utimesSync(join(root, 'a.py'), 1_700_000_000, 1_700_000_000);
    // The trap is armed: git as everybody calls it walks into it.
    spawnSync('git', ['status', '--porcelain'], { cwd: root });
    expect(existsSync(proof)).toBe(true);
    rmSync(proof);
    const inventory = await take();
    expect(paths(inventory)).toEqual(['.gitattributes', 'a.py']);
    expect(inventory.git).not.toBeNull();
    expect(existsSync(proof)).toBe(false);
  });

  test('a repository that git cannot read is walked, with a warning', async () => {
    write('a.py');
    git('init', '-q');
    writeFileSync(join(root, '.git/index'), 'not an index');
    const outcome = await takeInventory({ root, indexFile });
    expect(outcome.diagnostics.map((d) => d.code)).toEqual(['SP5010']);
    expect(outcome.ok && paths(outcome.value)).toEqual(['a.py']);
  });

  test('a workspace that is no folder is SP2012', async () => {
    const outcome = await takeInventory({ root: join(root, 'none'), indexFile });
    expect(outcome.ok).toBe(false);
    expect(outcome.diagnostics.map((d) => d.code)).toEqual(['SP2012']);
  });
});

describe('stat index', () => {
  test('an unchanged file is not read again, a changed one is', async () => {
    write('a.py');
    write('b.py');
    age('a.py', 'b.py');
    await settled();
    const first = await take();
    const digest = (await all(first)).digest;
    expect(first.filesRead).toBe(2);
    await first.flush();
    const second = await take();
    expect((await all(second)).digest).toBe(digest);
    expect(second.filesRead).toBe(0);
    await second.flush();
    write('b.py', 'other');
    const third = await take();
    expect((await all(third)).digest).not.toBe(digest);
    expect(third.filesRead).toBe(1);
  });

  test('same size and restored mtime do not hide a change: ctime tells', async () => {
    write('a.py', 'one');
    age('a.py');
    await settled();
    const first = await take();
    const before = (await all(first)).digest;
    await first.flush();
    writeFileSync(join(root, 'a.py'), 'two');
    age('a.py');
    const second = await take();
    expect((await all(second)).digest).not.toBe(before);
  });

  test('a file written just before it was read is not trusted the next time', async () => {
    write('a.py');
    const first = await take();
    await all(first);
    await first.flush();
    const written = loadStatIndex(indexFile).paths;
    const ageMs = Date.now() - statSync(join(root, 'a.py')).ctimeMs;
    // Only a machine that stalled for longer than a tick may have settled by itself.
    if (ageMs < 50) expect(written).toEqual([]);
    else expect(written.length).toBeLessThanOrEqual(1);
  });

  test('a damaged, cut or foreign index is ignored', async () => {
    const table = emptyTable(['a', 'b/c']);
    table.size[1] = 7;
    table.digests.fill(9);
    saveStatIndex(indexFile, table);
    expect(loadStatIndex(indexFile)).toEqual(table);
    const bytes = readFileSync(indexFile);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      writeFileSync(indexFile, damaged);
      const loaded = loadStatIndex(indexFile);
      // Three bytes of the header are unused; elsewhere nothing may pass.
      if (at < 20 || at >= 24) expect(loaded.paths, `byte ${at}`).toEqual([]);
    }
    for (const length of [0, 1, 23, 24, bytes.length - 1]) {
      writeFileSync(indexFile, bytes.subarray(0, length));
      expect(loadStatIndex(indexFile).paths).toEqual([]);
    }
    expect(readdirSync(dirname(indexFile))).toEqual(['index.bin']);
  });
});

/** Waits, without a fixed sleep, until what was just written is older than a clock tick. */
async function settled(): Promise<void> {
  const newest = Math.max(...readdirSync(root).map((name) => lstatSync(join(root, name)).ctimeMs));
  while (Date.now() - newest < 60) await new Promise((resolve) => setImmediate(resolve));
}

describe('input sets', () => {
  test('files of the selection, what the manifest excluded counted apart, one answer for equal requests', async () => {
    for (const path of ['a.py', 'vendor/b.py', 'vendor/c.js', 'tests/d.py', 'e.md']) write(path);
    const inventory = await take();
    const request = {
      selection: { include: ['**/*.py'], exclude: ['tests/**', 'vendor'] },
      excludedByManifest: ['vendor'],
    };
    const input = await selectInput(inventory, request);
    expect(input.files.map((file) => file.path)).toEqual(['a.py']);
    expect(input.excludedByManifest).toBe(1);
    expect(await selectInput(inventory, structuredClone(request))).toBe(input);
    const below = await selectInput(inventory, {
      selection: { include: ['**'] },
      excludedByManifest: [],
      targetPath: 'vendor',
    });
    expect(below.files.map((file) => file.path)).toEqual(['vendor/b.py', 'vendor/c.js']);
    const both = await selectInput(inventory, {
      selection: { include: ['**/*.py'], limitTo: ['vendor/**'] },
      excludedByManifest: [],
    });
    expect(both.files.map((file) => file.path)).toEqual(['vendor/b.py']);
  });

  test('the digest changes with a path, a content and an executable bit, and with nothing else', async () => {
    write('a.py', 'x');
    write('b.md');
    const of = async () =>
      (await selectInput(await take(), { selection: { include: ['**/*.py'] }, excludedByManifest: [] }))
        .digest;
    const first = await of();
    write('b.md', 'changed');
    write('new.md');
    expect(await of()).toBe(first);
    const seen = new Set([first]);
    chmodSync(join(root, 'a.py'), 0o755);
    seen.add(await of());
    write('a.py', 'y');
    seen.add(await of());
    write('c.py', 'y');
    seen.add(await of());
    expect(seen.size).toBe(4);
  });

  test('a file that vanishes before it is read is in no input set', async () => {
    write('a.py');
    write('b.py');
    const inventory = await take();
    rmSync(join(root, 'b.py'));
    expect((await all(inventory)).files.map((file) => file.path)).toEqual(['a.py']);
    expect(reasons(inventory)).toEqual({ 'b.py': 'unreadable' });
  });

  test('lists of inputs name what changed', async () => {
    for (const path of ['a.py', 'b.py', 'c.py']) write(path);
    const first = await take();
    const before = await encodeInputList(await all(first), first);
    write('a.py', 'changed');
    rmSync(join(root, 'b.py'));
    write('d\n.py');
    const second = await take();
    const after = await encodeInputList(await all(second), second);
    expect(compareInputLists(before, after)).toEqual({
      added: ['d\n.py'],
      changed: ['a.py'],
      removed: ['b.py'],
    });
    expect(compareInputLists(Buffer.from('x'), after)).toBeUndefined();
  });
});

describe('globs', () => {
  test.each([
    ['**', 'a/b', true],
    ['**/*', '.github/x', true],
    ['**/*.py', 'a.py', true],
    ['**/*.py', 'a/b/.c.py', true],
    ['**/*.py', 'a.pyc', false],
    ['**/*.py', 'a.PY', false],
    ['*.py', 'a/b.py', false],
    ['./a/*.py', 'a/b.py', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/x/y/c', false],
    ['a/**', 'a', false],
    ['a/**', 'ab/c', false],
    ['vendor/', 'vendor/x/y', true],
    ['**/*.{js,ts}', 'x/y.ts', true],
    ['**/{Dockerfile,*.dockerfile}', 'x/Dockerfile', true],
    ['**/Dockerfile*', 'x/Dockerfile.dev', true],
    ['{a,{b,c}}.x', 'c.x', true],
    ['{a}', '{a}', true],
    ['{a,b', '{a,b', true],
    ['?.py', 'ab.py', false],
    ['[a-c].py', 'b.py', true],
    ['[!a-c].py', 'b.py', false],
    ['[]].py', '].py', true],
    ['[.py', '[.py', true],
    ['\\*.py', '*.py', true],
    ['\\*.py', 'a.py', false],
    ['requirements*.txt', 'requirements-dev.txt', true],
    ['**/.env.*', 'x/.env.local', true],
    ['a.b/**/*.tar.gz', 'a.b/c/d.tar.gz', true],
  ])('%s on %s is %s', (glob, path, expected) => {
    expect(compileGlobs([glob])(path)).toBe(expected);
  });

  test('an exclude that names a folder takes everything in it', () => {
    expect(compileExcludes(['vendor', 'a/*'])('vendor/x/y.py')).toBe(true);
    expect(compileExcludes(['a/*'])('a/b/c.py')).toBe(true);
    expect(compileExcludes(['vendor'])('vendored/x')).toBe(false);
  });

  test('a literal path matches itself once escaped, and globs never throw', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, glob) => {
        const path = a.replace(/^[./]+|\/+$/g, '') || 'x';
        expect(compileGlobs([path.replace(/[*?{}[\]\\,!]/g, '\\$&')])(path)).toBe(true);
        compileGlobs([glob])(path);
      }),
    );
  });

  test('a hostile glob takes no time that grows beyond path times glob', () => {
    const path = `${'a/'.repeat(1000)}${'a'.repeat(2000)}c`;
    const started = process.cpuUsage();
    expect(compileGlobs([`${'**/a*'.repeat(40)}b`])(path)).toBe(false);
    expect(compileGlobs([`**/${'*a'.repeat(100)}b`])(path)).toBe(false);
    expect(compileGlobs(['{a,b}'.repeat(60)])(path)).toBe(false);
    // A backtracking matcher would be at it for years; the bound is generous to a busy machine.
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});

describe('input views', () => {
  test('hold exactly the files of the input set, and linking makes no file be read again', async () => {
    for (const path of ['a.py', 'd/b.py', 'c.md']) write(path);
    chmodSync(join(root, 'a.py'), 0o755);
    age('a.py', 'd/b.py', 'c.md');
    await settled();
    const inventory = await take();
    const input = await selectInput(inventory, {
      selection: { include: ['**/*.py'] },
      excludedByManifest: [],
    });
    const request = { input, inventory, dir: join(base, 'view'), mode: 'link' as const };
    expect(await materialize(request)).toEqual({ ok: true, linked: 2, copied: 0 });
    expect(readdirSync(request.dir, { recursive: true }).sort()).toEqual(['a.py', 'd', 'd/b.py']);
    expect(statSync(join(request.dir, 'a.py')).mode & 0o111).not.toBe(0);
    expect(verifyView(request).ok).toBe(true);
    await removeView(request);
    expect(existsSync(request.dir)).toBe(false);
    await inventory.flush();
    const next = await take();
    await selectInput(next, { selection: { include: ['**/*.py'] }, excludedByManifest: [] });
    expect(next.filesRead).toBe(0);
  });

  test('copies share nothing with the workspace', async () => {
    write('a.py', 'mine');
    const inventory = await take();
    const dir = join(base, 'view');
    expect(await materialize({ input: await all(inventory), inventory, dir, mode: 'copy' })).toEqual({
      ok: true,
      linked: 0,
      copied: 1,
    });
    writeFileSync(join(dir, 'a.py'), 'evil');
    expect(readFileSync(join(root, 'a.py'), 'utf8')).toBe('mine');
  });

  test.each(['link', 'copy'] as const)('a file that changed since is a failure (%s)', async (mode) => {
    write('a.py');
    const inventory = await take();
    const input = await all(inventory);
    write('a.py', 'changed, and longer');
    const made = await materialize({ input, inventory, dir: join(base, 'view'), mode });
    expect(made).toMatchObject({ ok: false, failure: { reason: 'requirement-unmet' } });
  });

  test('an edit while the tool ran is found, also with size and mtime as they were', async () => {
    write('a.py', 'one');
    age('a.py');
    const inventory = await take();
    const input = await all(inventory);
    const request = { input, inventory, dir: join(base, 'view'), mode: 'link' as const };
    await materialize(request);
    writeFileSync(join(root, 'a.py'), 'two');
    age('a.py');
    expect(verifyView(request)).toMatchObject({ ok: false });
    // And again: what was found changed stays changed.
    expect(verifyView(request)).toMatchObject({ ok: false });
  });

  test("another process's hard link alone is no change", async () => {
    write('a.py', 'one');
    const inventory = await take();
    const input = await all(inventory);
    linkSync(join(root, 'a.py'), join(base, 'elsewhere'));
    expect((await materialize({ input, inventory, dir: join(base, 'view'), mode: 'link' })).ok).toBe(true);
    expect(input.files).toHaveLength(1);
    expect(await inventory.digest('a.py')).toBe(`sha256:${sha256Hex('one')}`);
  });
});
