import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnexaminedFile } from '../../../src/core/unexamined.ts';
import { shownFiles, withUnreadFiles } from '../../../src/executor/engine/unread-files.ts';
import type { InputSet } from '../../../src/executor/inventory/types.ts';
import type { StageReport } from '../../../src/stages/contract/report.ts';

let root: string;
const FILES = { 'a.txt': 'a\0b', 'b.txt': 'b', 'c.txt': '', 'd.png': 'd\0', 'e.txt': ' \n', 'f.md': 'f\0' };
const given = Object.keys(FILES);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-unread-'));
  for (const [path, content] of Object.entries(FILES)) writeFileSync(join(root, path), content);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A tool that reads Markdown whatever it holds. */
const report: Pick<StageReport<unknown>, 'cannotRead' | 'stopsAtUnread'> = {
  cannotRead: () => (path) =>
    path.endsWith('.md') ? undefined : (content) => (content.includes(0) ? 'a NUL' : undefined),
};
const silent = (path: string): UnexaminedFile => ({ path, why: { kind: 'silent' } });

describe('files that a tool cannot read for what they hold', () => {
  it('are named though the tool says that it read them', async () => {
    expect(await withUnreadFiles([], report, { root, given, options: {} })).toEqual([
      { path: 'a.txt', why: { kind: 'not-understood', detail: 'a NUL' } },
      { path: 'd.png', why: { kind: 'no-text' } },
    ]);
  });

  it('get the reason where the tool said none, and keep the one that it said', async () => {
    const said: UnexaminedFile = { path: 'd.png', why: { kind: 'passed-over', detail: 'by name' } };
    expect(
      await withUnreadFiles([silent('a.txt'), silent('b.txt'), said], report, { root, given, options: {} }),
    ).toEqual([{ path: 'a.txt', why: { kind: 'not-understood', detail: 'a NUL' } }, silent('b.txt'), said]);
  });

  it('are empty where there is nothing in them, whatever the tool says', async () => {
    const said: UnexaminedFile = {
      path: 'e.txt',
      why: { kind: 'not-understood', detail: 'no valid Dockerfile' },
    };
    expect(await withUnreadFiles([silent('c.txt'), said], {}, { root, given, options: {} })).toEqual([
      { path: 'c.txt', why: { kind: 'empty' } },
      { path: 'e.txt', why: { kind: 'empty' } },
    ]);
  });

  it('are looked for in the workspace alone', async () => {
    symlinkSync('/proc/self/environ', join(root, 'out.txt'));
    expect(await withUnreadFiles([], report, { root, given: ['out.txt', 'gone.txt'], options: {} })).toEqual(
      [],
    );
  });
});

describe('a tool that stops at a file which it cannot read', () => {
  const input = {
    files: given.map((path) => ({ path, size: 1, executable: false })),
    digest: 'sha256:0' as InputSet['digest'],
    excludedByManifest: 0,
  };

  it('is shown the others', async () => {
    const shown = await shownFiles({ ...report, stopsAtUnread: true }, input, { root, options: {} });
    expect(shown.files.map(({ path }) => path)).toEqual(['b.txt', 'c.txt', 'e.txt', 'f.md']);
  });

  it('is the only kind from which files are kept back', async () => {
    expect(await shownFiles(report, input, { root, options: {} })).toBe(input);
  });
});
