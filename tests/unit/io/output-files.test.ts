import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileIdentity } from '../../../src/io/output-files.ts';

const MODULE = new URL('../../../src/io/output-files.ts', import.meta.url).href;
const SCRIPT = `
import { writeFileSync } from 'node:fs';
import { outputFiles } from ${JSON.stringify(MODULE)};
writeFileSync('found.json', JSON.stringify([...outputFiles()]));
`;

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-output-')));
  writeFileSync(join(dir, 'print.mjs'), SCRIPT);
  writeFileSync(join(dir, 'print.sh'), `${JSON.stringify(process.execPath)} print.mjs\n:\n`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Of what the script found, whether the log is among it. */
async function knows(shell: string, log = 'scan.log'): Promise<boolean> {
  const command = shell.replaceAll('PRINT', `${JSON.stringify(process.execPath)} print.mjs`);
  const child = spawn('bash', ['-c', command], { cwd: dir, stdio: 'ignore' });
  await once(child, 'close');
  const found = JSON.parse(readFileSync(join(dir, 'found.json'), 'utf8')) as string[];
  return found.includes(fileIdentity(statSync(join(dir, log), { bigint: true })));
}

describe('the files that output goes to', () => {
  it.each([
    ['stdout', 'PRINT > scan.log'],
    ['stderr', 'PRINT 2> scan.log'],
  ])('are those that %s is', async (_, shell) => {
    expect(await knows(shell)).toBe(true);
  });

  it('are none that the process has open for something else', async () => {
    expect(await knows('PRINT 3> scan.log')).toBe(false);
  });

  // Who reads a pipe is seen in /proc alone.
  describe.runIf(process.platform === 'linux')('behind a pipe', () => {
    it.each([
      ['tee', 'PRINT 2>&1 | tee scan.log'],
      ['tee that appends', 'PRINT 2>&1 | tee -a scan.log'],
      ['two programs on the way', 'PRINT | cat | cat | tee scan.log'],
      ['a program that comes before the writer, in the order of pids', 'PRINT | cat > scan.log'],
      ['a shell between', 'bash print.sh 2>&1 | tee scan.log'],
      ['tee in a process substitution', 'PRINT > >(tee scan.log)'],
      ['tee that the whole script prints to', 'exec > >(tee scan.log) 2>&1; PRINT'],
      ['a named pipe', 'mkfifo pipe; cat < pipe > scan.log & PRINT > pipe'],
    ])('are found: %s', async (_, shell) => {
      expect(await knows(shell)).toBe(true);
    });

    it('are none that another program of the pipeline only reads', async () => {
      execFileSync('touch', ['scan.log'], { cwd: dir });
      expect(await knows('PRINT | cat - scan.log')).toBe(false);
    });

    it('are none of a program beside it that does not read its output', async () => {
      expect(await knows('tail -f /dev/null > scan.log & PRINT | cat; kill %1')).toBe(false);
    });
  });
});
