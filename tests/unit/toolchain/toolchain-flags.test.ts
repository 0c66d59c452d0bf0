import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScanRequestOptions } from '../../../src/app/contract/scan-option-types.ts';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import type { RunEvent } from '../../../src/executor/events.ts';
import { emptyLock, sealEntry, serializeLock, withEntry } from '../../../src/lock/lock.ts';
import {
  CUSTOM,
  type DoubleWorld,
  doubleLock,
  doubleManifest,
  doubleWorld,
} from '../../support/double-world.ts';
import { subjects, toolset } from '../../support/fault-subjects.ts';
import { type ToolDouble, writeDouble } from '../../support/tool-double.ts';

// One tool that uv would fetch, and one that Go would.
const IDS = ['bandit', 'gitleaks'];
const INSTALLERS = ['uv', 'uvx', 'go', 'npm', 'npx', 'pip', 'pip3', 'apt-get', 'mvn', 'curl', 'wget'];
const all = toolset();
const tools = {
  providers: { bandit: all.providers.bandit ?? '', gitleaks: all.providers.gitleaks ?? '' },
  options: all.options,
};
const doubles: Record<string, ToolDouble> = Object.fromEntries(
  subjects().flatMap(({ tool, clean }) => (IDS.includes(tool) || tool === CUSTOM ? [[tool, clean]] : [])),
);
const pinnedDoubles = Object.fromEntries(IDS.map((id) => [id, doubles[id] as ToolDouble]));

let world: DoubleWorld;
let calls: string;
let bin: string;

beforeAll(async () => {
  world = await doubleWorld(tools);
  calls = join(world.root, 'calls');
  bin = join(world.root, 'installers');
  mkdirSync(bin);
  for (const name of INSTALLERS) recorder(join(bin, name));
});
afterAll(() => world.dispose());
beforeEach(() => {
  rmSync(calls, { force: true });
  write('secplan.json', JSON.stringify(doubleManifest(tools)));
  write('tools.lock.json', serializeLock(doubleLock(tools)));
});

/** A program that notes its call, and fails. */
function recorder(path: string): void {
  writeFileSync(path, `#!/bin/sh\necho "$(basename "$0")" >> ${calls}\nexit 1\n`, { mode: 0o755 });
}

function called(): string[] {
  return existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
}

function write(name: string, text: string): void {
  writeFileSync(join(world.workspace, name), text);
}

/** The manifest with other settings for a tool. */
function setTool(tool: string, over: object): void {
  const manifest = doubleManifest(tools) as { tools: Record<string, object> };
  manifest.tools[tool] = { ...manifest.tools[tool], ...over };
  write('secplan.json', JSON.stringify(manifest));
}

interface Ran extends ScanOutcome {
  readonly events: readonly RunEvent[];
  readonly codes: readonly string[];
}

async function scan(
  toolsDir: string,
  options: ScanRequestOptions,
  path = `${bin}:/usr/bin:/bin`,
): Promise<Ran> {
  const events: RunEvent[] = [];
  const env = { PATH: path, UV_CACHE_DIR: join(world.root, 'uv'), GOFLAGS: '-mod=mod' };
  const outcome = await world.scan(toolsDir, { options, env, onEvent: (event) => events.push(event) });
  const codes = outcome.diagnostics.map(({ code }) => code).filter((code) => /^SP(3008|4)/.test(code));
  return { ...outcome, events, codes };
}

function states(outcome: Ran): Record<string, string> {
  return Object.fromEntries((outcome.scan?.results ?? []).map(({ tool, state }) => [tool, state]));
}

async function emptyStore(): Promise<string> {
  return world.store({});
}

describe('--offline', () => {
  it('leaves a tool that is not installed incomplete, and calls no installer', async () => {
    const ran = await scan(await emptyStore(), { offline: true });
    expect(ran.codes).toEqual(['SP4005', 'SP4005']);
    expect(states(ran)).toEqual({ bandit: 'incomplete', gitleaks: 'incomplete' });
    for (const result of ran.scan?.results ?? []) {
      expect(result).toMatchObject({
        failure: { reason: 'tool-missing', detail: expect.stringContaining('SP4005') },
      });
    }
    expect(ran.exitCode).toBe(4);
    expect(ran.scan?.verdict.outcome).toBe('incomplete');
    expect(called()).toEqual([]);
    expect(ran.events.map(({ type }) => type)).not.toContain('installing');
  });

  it('is what keeps them from being called: without it they are', async () => {
    // The scripted installers write outside of every sandbox that they were called.
    const ran = await scan(await emptyStore(), { offline: false, unsandboxed: true });
    expect(new Set(called())).toEqual(new Set(['uv', 'go']));
    expect(states(ran)).toEqual({ bandit: 'incomplete', gitleaks: 'incomplete' });
  });

  it('does the rest of the profile', async () => {
    const ran = await scan(await world.store({ bandit: doubles.bandit as ToolDouble }), { offline: true });
    expect(states(ran)).toEqual({ bandit: 'done', gitleaks: 'incomplete' });
    expect(ran.exitCode).toBe(4);
    expect(called()).toEqual([]);
  });

  it('runs what is installed', async () => {
    const ran = await scan(await world.store(pinnedDoubles), { offline: true });
    expect(states(ran)).toEqual({ bandit: 'done', gitleaks: 'done' });
    // The doubles' reports name files of another tree, so files stay unexamined.
    expect([ran.codes, ran.scan?.verdict.incomplete]).toEqual([[], []]);
    expect(called()).toEqual([]);
  });
});

describe('--locked', () => {
  /** Nothing was started, and nothing was left: not even an export folder. */
  async function refused(options: ScanRequestOptions = {}): Promise<Ran> {
    const exportDir = join(world.root, 'refused');
    const ran = await scan(await world.store(pinnedDoubles), {
      offline: false,
      locked: true,
      exportDir,
      ...options,
    });
    expect(ran).toMatchObject({ exitCode: 2, codes: ['SP4002'] });
    expect(ran.scan).toBeUndefined();
    expect(ran.events.map(({ type }) => type)).not.toContain('run-started');
    expect(called()).toEqual([]);
    expect(existsSync(exportDir)).toBe(false);
    return ran;
  }

  it('runs what the lock pins', async () => {
    const ran = await scan(await world.store(pinnedDoubles), { locked: true });
    // The doubles' reports name files of another tree, so files stay unexamined.
    expect([ran.codes, ran.scan?.verdict.incomplete]).toEqual([[], []]);
    expect(states(ran)).toEqual({ bandit: 'done', gitleaks: 'done' });
  });

  it('refuses a tool from PATH, which runs without it', async () => {
    setTool('bandit', { provider: 'path' });
    const ran = await refused();
    expect(ran.diagnostics[0]?.summary).toContain('bandit comes from PATH');
    expect(ran.diagnostics[0]?.help).toContain('secplan tools lock bandit');
  });

  it('refuses a version that the lock does not have', async () => {
    setTool('gitleaks', { version: '9.9.9' });
    await refused();
  });

  it('refuses a user’s own command', async () => {
    const manifest = doubleManifest({
      ...tools,
      ...(all.custom === undefined ? {} : { custom: all.custom }),
    });
    write('secplan.json', JSON.stringify(manifest));
    const ran = await refused();
    expect(ran.diagnostics[0]?.summary).toContain(`${CUSTOM} is a command`);
    expect(ran.diagnostics[0]?.help).toContain(`--skip ${CUSTOM}`);
  });

  it('refuses a plan that was made with another lock', async () => {
    const plan = join(world.root, 'plan.json');
    writeFileSync(plan, JSON.stringify(world.plan));
    const { digest: _, ...entry } = doubleLock(tools).tools.bandit?.[tools.providers.bandit] ?? ({} as never);
    const other = { ...entry, version: '1.0.1' };
    write('tools.lock.json', serializeLock(withEntry(doubleLock(tools), 'bandit', 'pypi', sealEntry(other))));
    const ran = await refused({ plan });
    expect(ran.diagnostics[0]?.summary).toContain('1.0.1');
  });

  it('asks only for what is planned', async () => {
    setTool('bandit', { provider: 'path' });
    const ran = await scan(await world.store(pinnedDoubles), { locked: true, skip: ['bandit'] });
    expect(states(ran)).toMatchObject({ gitleaks: 'done' });
    expect(ran.codes).not.toContain('SP4002');
  });

  it('is not fooled by an empty lock beside the manifest: the package’s own pins the same tools', async () => {
    write('tools.lock.json', serializeLock(emptyLock()));
    const ran = await scan(await emptyStore(), { locked: true, offline: true });
    expect(ran.codes).toEqual(['SP4005', 'SP4005']);
  });
});

describe('a tool on PATH', () => {
  beforeEach(() => setTool('bandit', { provider: 'path' }));

  it.each(['in', 'linked into'])('is refused %s the scanned tree, and never started', async (how) => {
    const store = await world.store(pinnedDoubles);
    const inside = join(world.workspace, 'tool-bin');
    mkdirSync(inside, { recursive: true });
    recorder(join(inside, 'bandit'));
    const outside = join(world.root, 'links');
    mkdirSync(outside, { recursive: true });
    rmSync(join(outside, 'bandit'), { force: true });
    symlinkSync(join(inside, 'bandit'), join(outside, 'bandit'));
    const ran = await scan(store, {}, `${how === 'in' ? inside : outside}:/usr/bin:/bin`);
    rmSync(inside, { recursive: true });
    expect(ran.codes).toEqual(['SP3008', 'SP4007']);
    expect(states(ran)).toEqual({ bandit: 'incomplete', gitleaks: 'done' });
    expect(ran.exitCode).toBe(4);
    expect(called()).toEqual([]);
  });

  it('runs from elsewhere, and every document says that it is unpinned', async () => {
    const store = await world.store(pinnedDoubles);
    const folder = join(world.root, 'path');
    writeDouble(join(folder, 'bandit'), doubles.bandit as ToolDouble);
    const ran = await scan(store, {}, `${folder}:/usr/bin:/bin`);
    expect(ran.codes).toEqual(['SP3008']);
    expect(states(ran)).toEqual({ bandit: 'done', gitleaks: 'done' });
    const read = (name: string) => JSON.parse(readFileSync(join(ran.scan?.bundleDir ?? '', name), 'utf8'));
    const used = read('summary.json').tools as { stage: string; pinned: boolean; digest: string }[];
    expect(used.find(({ stage }) => stage === 'bandit')).toMatchObject({
      pinned: false,
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(used.find(({ stage }) => stage === 'gitleaks')).toMatchObject({ pinned: true });
    expect(JSON.stringify(read('attestation.intoto.json'))).toContain('"pinned":false');
  });
});
