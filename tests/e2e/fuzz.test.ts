import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { installedLibrary } from '../support/installed.ts';

const { runScan } = await installedLibrary();

// Real fuzzers on a target of ours, with a planted crash and without: built in the stage's own sandbox.
const NEEDED = ['clang', 'afl-clang-fast', 'afl-fuzz', 'zzuf'];
const missing = NEEDED.filter((program) => !existsSync(join('/usr/bin', program)));
if (missing.length > 0) {
  process.stderr.write(`\nfuzz: ${missing.join(', ')} not in /usr/bin, fuzzers are NOT run\n\n`);
}

const FROM = fileURLToPath(new URL('../support/fuzz-workspace', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'secplan-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SANITIZED = ['clang', '-g', '-O0', '-fsanitize=fuzzer,address'];
const PLAIN = ['afl-clang-fast', '-g', '-DSTANDALONE'];

/** Rules that each tool reported, by tool, or why it gave no result. */
async function fuzz(tools: readonly string[], build: readonly string[]): Promise<Record<string, unknown>> {
  const workspace = mkdtempSync(join(scratch, 'workspace-'));
  cpSync(FROM, workspace, { recursive: true });
  const target = {
    name: 'parser',
    binary: 'fuzz/parser',
    build: [...build, 'fuzz/parser.c', '-o', 'fuzz/parser'],
    seeds: 'fuzz/seeds',
    seconds: 4,
  };
  const settings = tools.map((tool) => [
    tool,
    { provider: 'path', ...(tool === 'zzuf' ? { options: { ratio: 0.02, inputs: 400 } } : {}) },
  ]);
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'fuzz' },
    targets: { fuzz: [target] },
    tools: Object.fromEntries(settings),
    profiles: { fuzz: { tools: { enable: tools } } },
  };
  writeFileSync(join(workspace, 'secplan.json'), JSON.stringify(manifest));
  const { scan, diagnostics } = await runScan({
    cwd: workspace,
    env: { ...process.env, SECPLAN_CACHE_DIR: join(workspace, '..', 'cache') },
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
    options: { profile: 'fuzz', exportDir: join(workspace, 'export') },
  });
  expect(scan, JSON.stringify(diagnostics)).toBeDefined();
  return Object.fromEntries(
    (scan?.results ?? []).map((result) => [
      result.tool,
      result.state === 'done' ? result.findings.map(({ rule }) => rule.id) : result,
    ]),
  );
}

describe.skipIf(missing.length > 0)('fuzzers', { timeout: 180_000 }, () => {
  it('find the crash that was planted', async () => {
    expect(await fuzz(['libfuzzer', 'oss-fuzz'], [...SANITIZED, '-DPLANTED'])).toEqual({
      libfuzzer: ['heap-buffer-overflow'],
      'oss-fuzz': ['heap-buffer-overflow'],
    });
    expect(await fuzz(['afl', 'zzuf'], [...PLAIN, '-DPLANTED'])).toEqual({
      afl: ['sigabrt'],
      zzuf: ['sigabrt'],
    });
  });

  it('find nothing where there is nothing', async () => {
    expect(await fuzz(['libfuzzer'], SANITIZED)).toEqual({ libfuzzer: [] });
    expect(await fuzz(['afl', 'zzuf'], PLAIN)).toEqual({ afl: [], zzuf: [] });
  });

  it('that were not built, or are of another fuzzer, are incomplete and never clean', async () => {
    const source = readFileSync(join(FROM, 'fuzz/parser.c'), 'utf8');
    expect(source).toContain('PLANTED');
    expect(await fuzz(['libfuzzer'], ['false'])).toMatchObject({
      libfuzzer: { state: 'incomplete', failure: { reason: 'exit-code', step: 'build' } },
    });
    expect(await fuzz(['libfuzzer'], PLAIN)).toMatchObject({ libfuzzer: { state: 'incomplete' } });
    expect(await fuzz(['zzuf'], ['true'])).toMatchObject({
      zzuf: { state: 'incomplete', failure: { reason: 'exit-code', step: 'program' } },
    });
  });
});
