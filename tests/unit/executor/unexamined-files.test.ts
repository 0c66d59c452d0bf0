import { describe, expect, it } from 'vitest';
import type { UnexaminedFile } from '../../../src/core/unexamined.ts';
import { unexaminedFiles } from '../../../src/executor/judge/unexamined-files.ts';

const GIVEN = ['a.py', 'b.py', 'c.py'];
const BROKEN: UnexaminedFile = { path: 'b.py', why: { kind: 'not-understood', detail: 'syntax error' } };

describe('given minus examined', () => {
  it('is empty where every file was read', () => {
    expect(unexaminedFiles(GIVEN, { examined: { files: GIVEN } })).toEqual([]);
  });

  it('names what the tool neither lists nor speaks of', () => {
    expect(unexaminedFiles(GIVEN, { examined: { files: ['a.py'] }, unexamined: [BROKEN] })).toEqual([
      BROKEN,
      { path: 'c.py', why: { kind: 'silent' } },
    ]);
  });

  it('believes an error about a file more than the list of files read', () => {
    expect(unexaminedFiles(GIVEN, { examined: { files: GIVEN }, unexamined: [BROKEN] })).toEqual([BROKEN]);
  });

  it('takes a name for that file alone, not for one that it decodes to', () => {
    const given = ['saf%65.py', 'safe.py'];
    expect(unexaminedFiles(given, { examined: { files: ['safe.py'] } })).toEqual([
      { path: 'saf%65.py', why: { kind: 'silent' } },
    ]);
  });

  it('knows nothing of a tool that lists no files, but what it says', () => {
    expect(unexaminedFiles(GIVEN, { examined: {} })).toEqual([]);
    expect(unexaminedFiles(GIVEN, { examined: {}, unexamined: [BROKEN] })).toEqual([BROKEN]);
  });
});
