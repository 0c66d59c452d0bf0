import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { type CustomWorld, customWorld, MINE, manifestOf } from '../../support/custom-world.ts';

// Folders and files that a scanned tree points to: none of them may lie elsewhere or be somebody else's.

const open: CustomWorld[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.dispose();
});

function worldOf(manifest: Readonly<Record<string, unknown>> = manifestOf()): CustomWorld {
  const world = customWorld(manifest);
  open.push(world);
  return world;
}

const said = (outcome: ScanOutcome): string =>
  outcome.diagnostics.map(({ code, summary }) => `${code} ${summary}`).join('\n');

function track(world: CustomWorld, force: readonly string[] = ['-f']): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: world.workspace,
      env: { PATH: process.env.PATH, HOME: world.root, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'ignore',
    });
  git('init', '-q');
  git('add', ...force, '.');
  git('commit', '-qm', 'all');
}

describe('the export folder', () => {
  const inside = { exportDir: undefined };

  it('is used where it is a folder of the workspace', async () => {
    const world = worldOf();
    const outcome = await world.scan(inside);
    expect(outcome.scan?.bundleDir, said(outcome)).toContain('build/security-results');
    expect((await world.scan(inside)).scan).toBeDefined();
  });

  it('stays out of git: what `git add` takes after a run is no bundle', async () => {
    const world = worldOf();
    await world.scan(inside);
    track(world, []);
    const again = await world.scan(inside);
    expect(again.scan?.bundleDir, said(again)).toContain('build/security-results');
    expect(readFileSync(join(world.workspace, 'build/security-results/.gitignore'), 'utf8')).toMatch(/^\*$/m);
  });

  it('keeps a .gitignore that the user wrote', async () => {
    const world = worldOf();
    world.write('build/security-results/.gitignore', 'mine\n');
    await world.scan(inside);
    expect(readFileSync(join(world.workspace, 'build/security-results/.gitignore'), 'utf8')).toBe('mine\n');
  });

  it('outside of the workspace gets no .gitignore', async () => {
    const world = worldOf();
    await world.scan();
    expect(existsSync(join(world.exportDir, '.gitignore'))).toBe(false);
  });

  it.each<[string, (world: CustomWorld) => void, RegExp]>([
    ['below a script named build', (world) => world.write('build', '#!/bin/sh\n'), /build is not a folder/],
    [
      'below a link to a file',
      (world) => {
        world.write('script', '#!/bin/sh\n');
        symlinkSync('script', join(world.workspace, 'build'));
      },
      /build is not a folder/,
    ],
    [
      'a file itself',
      (world) => world.write('build/security-results', 'x'),
      /build\/security-results is not a folder/,
    ],
    [
      'a link out of the tree',
      (world) => {
        mkdirSync(join(world.root, 'elsewhere'));
        symlinkSync(join(world.root, 'elsewhere'), join(world.workspace, 'build'));
      },
      /build is a symbolic link/,
    ],
    [
      'a link within the tree',
      (world) => {
        mkdirSync(join(world.workspace, 'sources'));
        symlinkSync('sources', join(world.workspace, 'build'));
      },
      /build is a symbolic link/,
    ],
    [
      'a dangling link',
      (world) => symlinkSync('../nowhere', join(world.workspace, 'build')),
      /build is a symbolic link/,
    ],
    [
      'one whose latest is a folder',
      (world) => world.write('build/security-results/latest/verdict.json', '{}'),
      /`latest` is not a symbolic link/,
    ],
    [
      'one whose latest is a file',
      (world) => world.write('build/security-results/latest', 'x'),
      /`latest` is not a symbolic link/,
    ],
    [
      'one that is tracked',
      (world) => {
        world.write('build/security-results/forged/verdict.json', '{}');
        symlinkSync('forged', join(world.workspace, 'build/security-results/latest'));
        track(world);
      },
      /git tracks build\/security-results/,
    ],
  ])('that is %s is refused, and nothing is written', async (_, prepare, why) => {
    const world = worldOf();
    prepare(world);
    const before = readdirSync(world.root);
    const outcome = await world.scan(inside);
    expect([outcome.exitCode, said(outcome)]).toEqual([3, expect.stringMatching(/SP5088/)]);
    expect(said(outcome)).toMatch(why);
    expect(outcome.diagnostics.at(-1)?.help).toContain('--export-dir');
    expect(readdirSync(world.root).filter((name) => name !== 'cache' && name !== '.local')).toEqual(before);
    expect(existsSync(join(world.root, 'elsewhere', 'security-results'))).toBe(false);
  });
});

describe('a secret in a file', () => {
  const secret = (source: string) =>
    manifestOf({
      tools: { custom: { mine: { ...MINE, secrets: ['TOKEN'] } } },
      secrets: { TOKEN: source },
    });

  it('is read where it lies in the workspace', async () => {
    const world = worldOf(secret('file:token'));
    world.write('token', 'a token of some length\n');
    expect((await world.scan()).scan).toBeDefined();
  });

  it.each<[string, string, (world: CustomWorld) => void]>([
    ['a path upwards', 'file:../x', () => undefined],
    ['a link out of the tree', 'file:x', (world) => symlinkSync('../x', join(world.workspace, 'x'))],
    [
      'a folder that is a link out of the tree',
      'file:up/x',
      (world) => symlinkSync('..', join(world.workspace, 'up')),
    ],
    ['an .env that is a link', 'dotenv:X', (world) => symlinkSync('../x', join(world.workspace, '.env'))],
  ])('is not read through %s, trusted or not', async (_, source, prepare) => {
    const world = worldOf(secret(source));
    writeFileSync(join(world.root, 'x'), 'X=a token of some length\n');
    prepare(world);
    const outcome = await world.scan();
    expect([outcome.exitCode, said(outcome)]).toEqual([2, expect.stringContaining('SP2011')]);
    expect(outcome.scan).toBeUndefined();
  });
});

describe('the cache', () => {
  const state = (outcome: ScanOutcome) => outcome.scan?.results.find(({ tool }) => tool === 'mine');

  it('gives back what this user put there', async () => {
    const world = worldOf();
    await world.scan();
    expect(state(await world.scan())).toMatchObject({ state: 'done', cached: true });
  });

  it('gives nothing that was made without the user’s key', async () => {
    const world = worldOf();
    world.write('bad.txt', 'FIXME\n');
    await world.scan();
    // What an archive would bring: whole entries, each with a true checksum, made elsewhere.
    for (const folder of ['actions', 'latest', 'parsed']) {
      for (const entry of readdirSync(join(world.root, 'cache', folder), {
        recursive: true,
        withFileTypes: true,
      })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const body = readFileSync(path, 'utf8').slice(65, -1);
        writeFileSync(path, `${createHash('sha256').update(body).digest('hex')}\n${body}\n`);
      }
    }
    expect(state(await world.scan())).toMatchObject({ state: 'done', cached: false });
  });

  it('gives nothing to a run that has no key of its own, and says so', async () => {
    const world = worldOf();
    await world.scan();
    const env = { XDG_STATE_HOME: join(world.workspace, 'state') };
    const outcome = await world.scan({}, { env });
    expect(state(outcome)).toMatchObject({ state: 'done', cached: false });
    expect(said(outcome)).toContain('SP5087');
    expect(existsSync(join(world.workspace, 'state'))).toBe(false);
    const key = join(world.root, '.local/state/secplan/cache-seal.key');
    chmodSync(key, 0o666);
    expect(said(await world.scan())).toContain('SP5087');
    rmSync(key);
  });

  it('that every user may write to is refused', async () => {
    const world = worldOf();
    await world.scan();
    chmodSync(join(world.root, 'cache'), 0o777);
    const outcome = await world.scan();
    expect([outcome.exitCode, said(outcome)]).toEqual([3, expect.stringContaining('SP5086')]);
  });

  it.skipIf(process.getuid?.() !== 0)('that belongs to another user is refused', async () => {
    const world = worldOf();
    await world.scan();
    chownSync(join(world.root, 'cache'), 1234, 1234);
    const outcome = await world.scan();
    expect([outcome.exitCode, said(outcome)]).toEqual([3, expect.stringContaining('belongs to user 1234')]);
  });

  it('that the manifest puts below the workspace counts only once it is trusted', async () => {
    const world = worldOf(manifestOf({ cache: { dir: '.pc' } }));
    const env = { SECPLAN_CACHE_DIR: '' };
    const outcome = await world.scan({ trustWorkspace: false }, { env });
    expect([outcome.exitCode, said(outcome)]).toEqual([2, expect.stringContaining('SP2067')]);
    expect(existsSync(join(world.workspace, '.pc'))).toBe(false);
    expect((await world.scan({}, { env })).scan).toBeDefined();
    expect(existsSync(join(world.workspace, '.pc'))).toBe(true);
  });
});
