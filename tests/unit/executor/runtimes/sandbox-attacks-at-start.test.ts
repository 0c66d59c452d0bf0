import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { probeSandbox } from '../../../../src/executor/runtimes/local/sandbox/probe-sandbox.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-shim-'));
// Another user may go through it: who sees it, is told.
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A bubblewrap that does something else with its arguments, in the words of bash: `a` is one, `out` what is passed on. */
function bubblewrapThat(name: string, each: string): string {
  const path = join(root, name);
  const text = `#!/bin/bash\nout=()\nwhile [ $# -gt 0 ]; do a=$1; shift\n${each}\nout+=("$a"); done\nexec /usr/bin/bwrap "\${out[@]}"\n`;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

async function detailOf(bwrap: string): Promise<string | undefined> {
  const probe = await probeSandbox(bwrap, root);
  if (!probe.ok) return probe.detail;
  probe.sandbox.dispose();
  return undefined;
}

it('a sandbox in which a scanner gets through is none', async () => {
  const forgetsFilter = bubblewrapThat('no-filter', 'if [ "$a" = --seccomp ]; then shift; continue; fi');
  const showsMore = bubblewrapThat(
    'more',
    `if [ "$a" = --remount-ro ]; then out+=(--ro-bind ${root} ${root}); fi`,
  );
  const passesOn = bubblewrapThat('descriptor', 'exec 60</etc/hostname');
  expect(await detailOf(forgetsFilter)).toMatch(/use every system call/);
  expect(await detailOf(showsMore)).toMatch(/read files outside of its folders/);
  expect(await detailOf(passesOn)).toMatch(/use descriptors that secplan inherited/);
  expect(await detailOf(bubblewrapThat('faithful', ''))).toBeUndefined();
});

it('what an older bubblewrap lacks is left out, and said', async () => {
  const refuses = (option: string) =>
    `[ "$a" = ${option} ] && { echo "bwrap: Unknown option $a" >&2; exit 1; }`;
  const old = ['--size', '--perms', '--disable-userns', '--chmod'].map(refuses).join('\n');
  const probe = await probeSandbox(bubblewrapThat('old', old), root);
  if (!probe.ok) throw new Error(probe.detail);
  const open = await probe.sandbox.open({ shown: [], written: [] });
  expect(probe.attacks.worked).toEqual([]);
  expect(probe.attacks.tried).toContain('write kernel settings');
  expect(open.notEnforced).toContainEqual(expect.stringMatching(/size of folders in memory/));
  if (process.getuid?.() === 0) expect(open.notEnforced).toContainEqual(expect.stringMatching(/^user: /));
  expect(open.notEnforced).not.toContainEqual(expect.stringMatching(/system calls/));
  open.release();
  probe.sandbox.dispose();
});
