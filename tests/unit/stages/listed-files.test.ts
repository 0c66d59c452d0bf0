import { describe, expect, it } from 'vitest';
import { sourcePath } from '../../../src/stages/contract/source-path.ts';
import { listedFiles } from '../../../src/stages/formats/listed-files.ts';

const relative = (path: string) => sourcePath('/src', path);

function listed(text: string, given: readonly string[], marks = {}): string[] {
  return listedFiles(text, { before: 'read ', ...marks }, { given, relative });
}

describe('files that a tool lists', () => {
  it('are those given, whether it writes ./a, a or /src/a', () => {
    const given = ['a.py', 'b.py', 'c.py', 'd.py'];
    expect(listed('read ./a.py\nread b.py\nread /src/c.py\nother d.py\n', given)).toEqual(given.slice(0, 3));
  });

  it('may hold line breaks, also where a shorter name stands beside them', () => {
    const given = ['new\nline.py', 'new', 'line.py'];
    expect(listed('read ./new\nline.py\n', given)).toEqual(['new\nline.py']);
    expect(listed('read ./new\nread x\n', given)).toEqual(['new', 'x']);
    expect(listed('read ./x/new\nline.py\n', given)).toEqual(['x/new']);
  });

  it('end at the mark that follows them, also where the name holds it', () => {
    const given = ['a.py', 'b: c.py'];
    expect(listed('read a.py: not UTF-8\nread b: c.py: not UTF-8\n', given, { after: ': ' })).toEqual(given);
    expect(listed('read a.py: not UTF-8\n', ['a.py: not UTF-8'], { after: ': ' })).toEqual(['a.py']);
  });

  it('are found as the tool escapes them', () => {
    const written = (path: string) => path.replaceAll('\u001b', '\\x1b');
    expect(listed('read ./e\\x1b.py\n', ['e\u001b.py'], { written })).toEqual(['e\u001b.py']);
  });

  it('are read line by line of a report that was made elsewhere', () => {
    expect(listed('read ./b.py\nread a.py\n', [])).toEqual(['a.py', 'b.py']);
  });
});
