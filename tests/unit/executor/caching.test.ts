import { appendFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanOptions } from '../../../src/app/contract/scan-options.ts';
import { whyStage } from '../../../src/app/why/why-stage.ts';
import type { RunResult } from '../../../src/executor/engine/run-plan.ts';
import type { Runtime } from '../../../src/executor/ports.ts';
import { serializeLock } from '../../../src/lock/lock.ts';
import type { Plan, ToolStage } from '../../../src/planner/ir/ir.ts';
import {
  CUSTOM,
  type DoubleWorld,
  doubleLock,
  doubleManifest,
  doubleWorld,
  fillStore,
  surroundings,
} from '../../support/double-world.ts';
import { subjects, toolset } from '../../support/fault-subjects.ts';

/** Enough of each kind: readers of everything, of some files, of a privacy pack, of an SBOM's, and a user's own. */
const SCANNERS = [
  'bandit',
  'custom',
  'detect-secrets',
  'gitleaks',
  'opengrep',
  'presidio',
  'ruff',
  'syft',
  'trivy-fs',
];
const tools = toolset(SCANNERS);
const clean = Object.fromEntries(subjects(SCANNERS).map((subject) => [subject.tool, subject.clean]));
let world: DoubleWorld;
let store: string;

beforeEach(async () => {
  world = await doubleWorld(tools);
  store = await world.store(clean);
});
afterEach(() => world.dispose());

function stages({ stages: all }: Plan): ToolStage[] {
  return all.filter((stage) => stage.kind === 'scan' || stage.kind === 'sbom');
}

/** Runs all stages and says which of them really started their tool. */
async function run(): Promise<{ result: RunResult; started: string[] }> {
  const started: string[] = [];
  const counting = (runtime: Runtime): Runtime => ({
    ...runtime,
    execute: (invocation) => {
      started.push(invocation.stage.tool);
      return runtime.execute(invocation);
    },
  });
  const cacheDir = join(world.root, 'cache');
  const result = await world.run(store, stages(world.plan), { cacheDir, wrap: counting });
  return { result, started: started.sort() };
}

const allTools = Object.keys(clean).sort();

describe('the cache', () => {
  it('lets a second run of the unchanged workspace start no scanner, and give the same', async () => {
    const first = await run();
    expect(first.started).toEqual(allTools);
    const second = await run();
    expect(second.started).toEqual([]);
    for (const [index, result] of second.result.results.entries()) {
      expect(result).toMatchObject({ state: 'done', cached: true });
      const before = first.result.results[index];
      if (result.state !== 'done' || before?.state !== 'done') throw new Error('not done');
      expect(result.findings).toEqual(before.findings);
      expect(result.artifacts).toEqual(before.artifacts);
    }
  });

  it('starts after an edit of README.md just those that read it', async () => {
    await run();
    writeFileSync(join(world.workspace, 'README.md'), '# another text\n');
    const readers = stages(world.plan)
      .filter((stage) => stage.target.path === '.' && stage.selection.include.includes('**'))
      .map((stage) => stage.tool as string);
    expect(readers).not.toHaveLength(0);
    expect(readers.length).toBeLessThan(allTools.length / 2);
    expect((await run()).started).toEqual(readers.sort());
  });

  it('starts all that read a file when it changes, also with its size and time kept', async () => {
    await run();
    const file = join(world.workspace, 'add.py');
    const { atime, mtime, size } = statSync(file);
    writeFileSync(file, 'def add(b, a):\n    return a + b\n');
    utimesSync(file, atime, mtime);
    expect(statSync(file)).toMatchObject({ size, mtime });
    const { started } = await run();
    expect(started).toEqual(expect.arrayContaining(['bandit', 'ruff', 'opengrep']));
    expect(started).not.toContain('syft');
    expect(started).not.toContain(CUSTOM);
  });

  it('starts nothing in a whole scan the second time', async () => {
    const first = await world.scan(store);
    const second = await world.scan(store);
    // A double's report is a recorded one: it names the files of another tree, so files stay unexamined; every stage is done.
    expect([first.scan?.verdict.incomplete, second.scan?.verdict.incomplete]).toEqual([[], []]);
    const cached = (outcome: typeof first): unknown[] =>
      (outcome.scan?.results ?? []).map((result) => result.state === 'done' && result.cached);
    expect(cached(first)).toEqual(allTools.map(() => false));
    expect(cached(second)).toEqual(allTools.map(() => true));
  });
});

describe('why', () => {
  async function why(stage: string, toolsDir = store) {
    const answer = await whyStage({
      cwd: world.workspace,
      env: surroundings(world.root, toolsDir),
      stage,
      options: scanOptions.parse({ profile: 'doubles' }),
      now: Date.now,
    });
    if (!answer.ok) throw new Error(JSON.stringify(answer.diagnostics));
    return answer.value;
  }

  beforeEach(async () => {
    expect((await world.scan(store)).scan?.verdict.incomplete).toEqual([]);
  });

  it('says of every stage that it is cached when nothing changed', async () => {
    for (const stage of stages(world.plan)) {
      expect(await why(stage.id)).toMatchObject({ stage: stage.id, state: 'cached', reasons: [] });
    }
  });

  it('names the file after an edit', async () => {
    appendFileSync(join(world.workspace, 'add.py'), '# more\n');
    const { state, reasons } = await why('bandit');
    expect(state).toBe('would-run');
    expect(reasons.map(({ field }) => field)).toEqual(['files']);
    expect(reasons[0]?.text).toContain('add.py');
    expect((await why('syft')).state).toBe('cached');
  });

  it('names a new file and one that is gone', async () => {
    writeFileSync(join(world.workspace, 'new.py'), 'x = 1\n');
    const { reasons } = await why('ruff');
    expect(reasons.map(({ field }) => field)).toEqual(['files']);
    expect(reasons[0]?.text).toContain('new.py');
    rmSync(join(world.workspace, 'new.py'));
    rmSync(join(world.workspace, 'src', 'refund.py'));
    expect((await why('ruff')).reasons[0]?.text).toContain('src/refund.py');
  });

  it('names the tool after its lock moved', async () => {
    const lock = doubleLock(tools, '2.0.0');
    writeFileSync(join(world.workspace, 'tools.lock.json'), serializeLock(lock));
    const newer = join(world.root, 'tools-newer');
    await fillStore(newer, lock, tools, clean);
    const { state, reasons } = await why('bandit', newer);
    expect(state).toBe('would-run');
    expect(reasons.map(({ field }) => field)).toEqual(['tool']);
    expect(reasons[0]?.text).toMatch(/1\.0\.0.*2\.0\.0/);
  });

  it('names the option after it changed', async () => {
    const changed = { ...tools, options: { ...tools.options, bandit: { skips: ['B101'] } } };
    writeFileSync(join(world.workspace, 'secplan.json'), JSON.stringify(doubleManifest(changed)));
    const { state, reasons } = await why('bandit');
    expect(state).toBe('would-run');
    expect(reasons.map(({ field }) => field)).toContain('options');
    expect(JSON.stringify(reasons)).toContain('B101');
    expect((await why('ruff')).state).toBe('cached');
  });

  it('says that the script of a custom stage changed', async () => {
    appendFileSync(join(world.workspace, 'scan.sh'), '# more\n');
    const { state, reasons } = await why(CUSTOM);
    expect(state).toBe('would-run');
    expect(JSON.stringify(reasons)).toContain('scan.sh');
  });
});

it('why asks for a fetched database as of its own day, as a run does', async () => {
  const place = await doubleWorld(toolset(['grype', 'grype-db', 'syft']));
  try {
    // Any double does: it is never started.
    const toolsDir = await place.store({ 'grype-db': clean.ruff! });
    const keyAt = async (day: string) => {
      const answer = await whyStage({
        cwd: place.workspace,
        env: surroundings(place.root, toolsDir),
        stage: 'grype-db',
        options: scanOptions.parse({ profile: 'doubles' }),
        now: () => Date.parse(day),
      });
      if (!answer.ok) throw new Error(JSON.stringify(answer.diagnostics));
      return answer.value.key;
    };
    const key = await keyAt('2026-01-01T01:00:00Z');
    expect(key).not.toBeNull();
    expect(await keyAt('2026-01-01T23:00:00Z')).toBe(key);
    expect(await keyAt('2026-01-02T01:00:00Z')).not.toBe(key);
  } finally {
    place.dispose();
  }
});
