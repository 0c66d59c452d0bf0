import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCommit } from '../../../src/app/git/git-ref.ts';
import { findRepository } from '../../../src/io/find-repository.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-repository-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function repositoryAt(folder: string): string {
  mkdirSync(join(folder, '.git'), { recursive: true });
  writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/main\n');
  return folder;
}

function workspaceBelow(folder: string): string {
  const workspace = join(folder, 'below/workspace');
  mkdirSync(workspace, { recursive: true });
  return workspace;
}

describe('the repository of a folder', () => {
  it('is the nearest one above it', () => {
    const workspace = workspaceBelow(repositoryAt(root));
    const found = findRepository(workspace, process.env.PATH);
    expect(found).toMatchObject({ ok: true, place: { gitDir: join(root, '.git'), workTree: root } });
  });

  it('says whether the repository or git is missing', () => {
    expect(findRepository(root, process.env.PATH)).toEqual({ ok: false, why: 'no-repository' });
    expect(findRepository(workspaceBelow(repositoryAt(root)), '')).toEqual({ ok: false, why: 'no-git' });
  });

  it('is never asked with a git of its own files', () => {
    const workspace = workspaceBelow(repositoryAt(root));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/git'), '#!/bin/sh\nexit 97\n');
    chmodSync(join(root, 'bin/git'), 0o755);
    expect(findRepository(workspace, join(root, 'bin'))).toEqual({ ok: false, why: 'no-git' });
  });

  // Only root can make a folder of another user.
  describe.skipIf(process.getuid?.() !== 0)('of another user, above the folder', () => {
    const [SOMEBODY, ANOTHER] = [12_345, 12_346];

    function foreign(): string {
      const workspace = workspaceBelow(repositoryAt(root));
      lchownSync(join(root, '.git'), SOMEBODY, SOMEBODY);
      return workspace;
    }

    it('does not count, neither for listing files nor for a ref', async () => {
      const workspace = foreign();
      expect(findRepository(workspace, process.env.PATH)).toEqual({ ok: false, why: 'no-repository' });
      const commit = await findCommit(workspace, 'main', { code: 'SP9001', option: '--trusted', help: '' });
      expect(commit).toMatchObject({
        ok: false,
        diagnostics: [{ summary: '--trusted main: this is not a git repository' }],
      });
    });

    it('does not count by a link of ours to it, nor by their link to one of ours', () => {
      const workspace = foreign();
      renameSync(join(root, '.git'), join(root, 'theirs'));
      symlinkSync('theirs', join(root, '.git'));
      expect(findRepository(workspace, process.env.PATH).ok).toBe(false);
      lchownSync(join(root, 'theirs'), 0, 0);
      expect(findRepository(workspace, process.env.PATH).ok).toBe(true);
      lchownSync(join(root, '.git'), SOMEBODY, SOMEBODY);
      expect(findRepository(workspace, process.env.PATH).ok).toBe(false);
    });

    it('counts where the folder is theirs, too', () => {
      const workspace = foreign();
      chownSync(workspace, SOMEBODY, SOMEBODY);
      expect(findRepository(workspace, process.env.PATH).ok).toBe(true);
      chownSync(workspace, ANOTHER, ANOTHER);
      expect(findRepository(workspace, process.env.PATH).ok).toBe(false);
    });
  });
});
