import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStoreRedactor } from '../../../src/core/redaction/redactor.ts';
import { collectOutputs } from '../../../src/executor/engine/collect-outputs.ts';
import { fileAtLimit } from '../../../src/executor/runtimes/local/file-at-limit.ts';
import { invocationOf, removeInvocations, script } from '../../support/invocation.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-outputs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterAll(removeInvocations);
let counter = 0;

const SECRET = 'what only the user may read';

/** Reads `report.json` of a folder that a scanner left so. */
async function collected(leave: (path: string, dir: string) => void) {
  const dir = join(root, String(counter++));
  const [outDir, logDir] = [join(dir, 'out'), join(dir, 'log')];
  for (const folder of [outDir, logDir]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(dir, 'outside'), SECRET);
  leave(join(outDir, 'report.json'), dir);
  const { outputs } = await collectOutputs({
    stage: { outputSpecs: [{ name: 'report', file: 'report.json' } as never] },
    provider: { steps: [] },
    report: {},
    redactor: createStoreRedactor([]),
    ...{ outDir, logDir },
  });
  return outputs.report;
}

describe('what a scanner leaves in place of its report', () => {
  it('is read where it is a file', async () => {
    expect(await collected((path) => writeFileSync(path, '{}'))).toEqual({ kind: 'text', text: '{}' });
  });

  it.each<[string, (path: string, dir: string) => void, RegExp]>([
    ['a link to a file of the machine', (path) => symlinkSync('/etc/passwd', path), /link/],
    ['a link to a file beside its folder', (path, dir) => symlinkSync(join(dir, 'outside'), path), /link/],
    ['a relative link upwards', (path) => symlinkSync('../outside', path), /link/],
    ['a link into /proc', (path) => symlinkSync('/proc/self/environ', path), /link/],
    ['a link to itself', (path) => symlinkSync('report.json', path), /ELOOP/],
    ['a FIFO, which would wait for a writer', (path) => void execFileSync('mkfifo', [path]), /regular file/],
    ['a folder', (path) => mkdirSync(path), /regular file|EISDIR/],
    [
      'a socket',
      (path) => {
        const server = createServer();
        server.listen(path).unref();
      },
      /ENXIO|regular file/,
    ],
  ])('is no report where it is %s', async (_, leave, why) => {
    const read = await collected(leave);
    expect(read).toEqual({ kind: 'absent', detail: expect.stringMatching(why) });
  });

  it.runIf(process.getuid?.() === 0)('is no report where it is a device', async () => {
    const read = await collected((path) => void execFileSync('mknod', [path, 'c', '1', '5']));
    expect(read).toEqual({ kind: 'absent', detail: expect.stringMatching(/regular file|EACCES|EPERM/) });
  });

  it('is not read into memory where it is a sparse file of a terabyte', async () => {
    const read = await collected((path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 40);
    });
    expect(read).toMatchObject({ kind: 'too-large' });
  });

  it('does not count the size of what a link leads to', () => {
    const invocation = invocationOf({ steps: [script('true')] });
    writeFileSync(join(root, 'large'), '');
    truncateSync(join(root, 'large'), 1000);
    symlinkSync(join(root, 'large'), join(invocation.outDir, 'link'));
    expect(fileAtLimit(invocation, 100)).toBeUndefined();
    writeFileSync(join(invocation.outDir, 'own'), 'x'.repeat(1000));
    expect(fileAtLimit(invocation, 100)).toBe('own');
  });
});
