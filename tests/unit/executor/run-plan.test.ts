import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ParsedFinding } from '../../../src/core/finding.ts';
import { artifactId, stageId } from '../../../src/core/ids.ts';
import { createPublishRedactor } from '../../../src/core/redaction/redactor.ts';
import { findResumable, openJournal } from '../../../src/executor/engine/journal.ts';
import type { StageResult } from '../../../src/executor/stage-result.ts';
import type { ScanStage } from '../../../src/planner/ir/ir.ts';
import { fakeRuntime, type Script, viewFile } from '../../support/fake-runtime.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type Bench, bench, CLEAN, planOf, report } from '../../support/run-rig.ts';
import { plannedProvider, REPORT, toolStage } from '../../support/tool-stage.ts';

const made: Bench[] = [];
function newBench(...parts: Parameters<typeof bench>): Bench {
  const one = bench(...parts);
  made.push(one);
  return one;
}
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

const FINDING: ParsedFinding = {
  kind: 'code',
  rule: { id: 'R1' },
  message: 'bad',
  toolLevel: 'ERROR',
  span: { path: 'a.py', startLine: 1 },
};

function states(results: readonly StageResult[]): Record<string, string> {
  return Object.fromEntries(results.map((result) => [result.stage, result.state]));
}

function consumer(id: string, from: string, over: Partial<ScanStage> = {}): ScanStage {
  const input = { name: 'in', id: artifactId(stageId(from), 'report'), type: 'json' } as const;
  return toolStage(id, { needs: [stageId(from)], inputs: [input], ...over });
}

/** Every byte that the cache holds, as text. */
function cacheText(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('a stage', () => {
  it('is done when its tool ran, with findings identified and rated, and leaves artifacts', async () => {
    const one = newBench();
    const runtime = fakeRuntime({
      t: { exit: 1, stdout: 'hi', outputs: { 'report.json': report([FINDING]) } },
    });
    const { results, events, stored } = await one.run([toolStage('t')], runtime);
    expect(results[0]).toMatchObject({
      state: 'done',
      cached: false,
      filesGiven: 1,
      findings: [{ severity: 'high', span: { path: 'a.py' }, accounts: [{ tool: 't' }] }],
      artifacts: [{ output: 'report', publishAs: 'reports/sast/t.raw.json' }],
    });
    expect(events.map((event) => event.type)).toEqual(['stage-started', 'stage-finished']);
    expect(Object.keys(stored.get(stageId('t')) ?? {}).sort()).toEqual(['report', 'scan.stdout']);
    expect(readdirSync(join(one.root, 'work-1'))).toEqual([]);
  });

  it('sees exactly its own files', async () => {
    const one = newBench({ 'a.py': 'A', 'sub/b.py': 'B', 'c.md': 'C' });
    const seen: string[][] = [];
    const script: Script = {
      outputs: CLEAN,
      seen: (invocation) => {
        seen.push((readdirSync(invocation.sourceDir, { recursive: true }) as string[]).sort());
        expect(viewFile(invocation, 'sub/b.py')).toBe('B');
      },
    };
    await one.run([toolStage('t', { selection: { include: ['**/*.py'] } })], fakeRuntime({ t: script }));
    expect(seen).toEqual([['a.py', 'sub', 'sub/b.py']]);
  });

  it('without a matching file is not-applicable, says why, and starts nothing', async () => {
    const one = newBench();
    const runtime = fakeRuntime({});
    const go = toolStage('go', { selection: { include: ['**/*.go', 'go.mod'] } });
    const taken = toolStage('py', {
      selection: { include: ['**/*.py'], exclude: ['a.py'] },
      excludedByManifest: ['a.py'],
    });
    const { results } = await one.run([go, taken], runtime);
    expect(results).toMatchObject([
      {
        state: 'not-applicable',
        why: { kind: 'no-file-matches', include: ['**/*.go', 'go.mod'], limitTo: [], filesSeen: 1 },
      },
      { state: 'excluded', why: { kind: 'all-excluded', files: 1 } },
    ]);
    expect(runtime.calls).toEqual([]);
  });

  const faults: [string, Script][] = [
    ['timeout', { failure: { reason: 'timeout', limitMs: 1 }, outputs: CLEAN }],
    ['memory', { failure: { reason: 'memory', limitBytes: 1 }, outputs: CLEAN }],
    ['signal', { exit: 137, outputs: CLEAN }],
    ['exit-code', { exit: 3, outputs: CLEAN }],
    ['report-missing', {}],
    ['report-empty', { outputs: { 'report.json': '' } }],
    ['report-malformed', { outputs: { 'report.json': '{"findings":[' } }],
    ['report-malformed', { outputs: { 'report.json': '\ud800'.repeat(2) } }],
    ['report-malformed', { links: { 'report.json': '/etc/hostname' } }],
    ['exit-contradicts-report', { exit: 1, outputs: CLEAN }],
    ['exit-contradicts-report', { exit: 0, outputs: { 'report.json': report([FINDING]) } }],
    ['nothing-examined', { outputs: { 'report.json': report([], 0) } }],
    ['error-text', { outputs: CLEAN, stderr: 'FATAL: lost\n' }],
    ['sandbox-unavailable', { failure: { reason: 'sandbox-unavailable', detail: 'x' } }],
  ];
  it.each(faults)('that ends in %s is incomplete, and is never cached', async (reason, script) => {
    const one = newBench();
    const runtime = fakeRuntime({ t: script });
    const stage = toolStage('t', { faults: [{ in: 'stderr', pattern: '^FATAL', meaning: 'it died' }] });
    for (const turn of [1, 2]) {
      const { results, infrastructure } = await one.run([stage], runtime);
      expect(results).toMatchObject([{ state: 'incomplete', failure: { reason } }]);
      expect(infrastructure?.reason).toBe(reason === 'sandbox-unavailable' ? reason : undefined);
      expect(runtime.calls).toHaveLength(turn);
      expect(existsSync(join(one.cacheDir, 'actions'))).toBe(false);
    }
  });

  it('whose report is a link to a good one elsewhere is incomplete: nothing outside is read', async () => {
    const one = newBench();
    const elsewhere = join(one.root, 'good.json');
    writeFileSync(elsewhere, report());
    const runtime = fakeRuntime({ t: { links: { 'report.json': elsewhere } }, u: { outputs: CLEAN } });
    const { results } = await one.run([toolStage('t'), toolStage('u')], runtime);
    expect(results).toMatchObject([
      { state: 'incomplete', failure: { reason: 'report-malformed', detail: 'it is a link' } },
      { state: 'done' },
    ]);
    expect(existsSync(join(one.cacheDir, 'actions'))).toBe(true);
  });

  it('is retried when its tool was killed or not started, and for nothing else', async () => {
    const killed: Script = { failure: { reason: 'signal', step: 'scan', signal: 'SIGKILL' } };
    const crashed: Script = { exit: 3 };
    const runtime = fakeRuntime({
      a: [killed, { outputs: CLEAN }],
      b: [crashed, { outputs: CLEAN }],
      c: killed,
    });
    const stages = ['a', 'b', 'c'].map((id) => toolStage(id, { retries: 1 }));
    const { results } = await newBench().run(stages, runtime);
    expect(states(results)).toEqual({ a: 'done', b: 'incomplete', c: 'incomplete' });
    expect(runtime.calls.toSorted()).toEqual(['a', 'a', 'b', 'c', 'c']);
  });

  it('whose tool cannot be had, or whose definition is another, is incomplete', async () => {
    const runtime = fakeRuntime({});
    const { results } = await newBench().run([toolStage('t', { providers: [] })], runtime);
    expect(results).toMatchObject([
      { state: 'incomplete', failure: { reason: 'tool-missing' }, toolUsed: null },
    ]);
    const other = await newBench().run([toolStage('t')], runtime, { catalogue: new Map() });
    expect(other.results).toMatchObject([{ state: 'incomplete', failure: { reason: 'tool-missing' } }]);
    expect(runtime.calls).toEqual([]);
  });

  it('whose file changes while the tool runs is incomplete', async () => {
    const one = newBench();
    const script: Script = { outputs: CLEAN, seen: () => one.write('a.py', 'changed = True\n') };
    const { results } = await one.run([toolStage('t')], fakeRuntime({ t: script }));
    expect(results).toMatchObject([{ state: 'incomplete', failure: { reason: 'requirement-unmet' } }]);
  });

  it('takes a stream as its output', async () => {
    const provider = plannedProvider([{ id: 'scan', argv: ['t'], stdout: 'report', exits: { '0': 'ok' } }]);
    const { file: _, ...spec } = REPORT;
    const stage = toolStage('t', { providers: [provider], outputSpecs: [spec] });
    const { results, stored } = await newBench().run([stage], fakeRuntime({ t: { stdout: report() } }));
    expect(states(results)).toEqual({ t: 'done' });
    expect(Object.keys(stored.get(stage.id) ?? {}).sort()).toEqual(['report']);
  });
});

describe('the cache', () => {
  it('starts no tool of an unchanged input, one of a changed one', async () => {
    const one = newBench({ 'a.py': 'x = 1\n', 'README.md': 'hello' });
    const stages = [
      toolStage('md', { selection: { include: ['**/*.md'] } }),
      toolStage('py', { selection: { include: ['**/*.py'] } }),
    ];
    const runtime = fakeRuntime({
      md: { outputs: CLEAN },
      py: { exit: 1, outputs: { 'report.json': report([FINDING]) } },
    });
    const first = await one.run(stages, runtime);
    const second = await one.run(stages, runtime);
    expect(runtime.calls.toSorted()).toEqual(['md', 'py']);
    expect(second.results).toMatchObject([{ cached: true }, { cached: true }]);
    expect(withoutTimes(second.results)).toEqual(withoutTimes(first.results));
    one.write('README.md', 'other');
    await one.run(stages, runtime);
    expect(runtime.calls.toSorted()).toEqual(['md', 'md', 'py']);
  });

  it('runs the tool again when what it kept is gone', async () => {
    const one = newBench();
    const runtime = fakeRuntime({ t: { outputs: CLEAN } });
    await one.run([toolStage('t')], runtime);
    rmSync(join(one.cacheDir, 'blobs'), { recursive: true });
    rmSync(join(one.cacheDir, 'parsed'), { recursive: true });
    const { results } = await one.run([toolStage('t')], runtime);
    expect(results).toMatchObject([{ state: 'done', cached: false }]);
    expect(runtime.calls).toHaveLength(2);
  });

  it('a changed severity map changes severities without running the tool', async () => {
    const one = newBench();
    const runtime = fakeRuntime({ t: { exit: 1, outputs: { 'report.json': report([FINDING]) } } });
    await one.run([toolStage('t')], runtime);
    const { results } = await one.run([toolStage('t', { severityMap: { R1: 'low' } })], runtime);
    expect(results).toMatchObject([{ cached: true, findings: [{ severity: 'low' }] }]);
    expect(runtime.calls).toHaveLength(1);
  });
});

function withoutTimes(results: readonly StageResult[]): unknown[] {
  return results.map((result) => ({ ...result, timings: 0, cached: 0 }));
}

describe('order', () => {
  it('stays within the machine’s limits and gives equal results however stages end', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const stages = [...ids.map((id) => toolStage(id)), consumer('h', 'a'), consumer('i', 'b')];
    const scripts = Object.fromEntries(
      stages.map(({ id }) => [
        id,
        id === 'd'
          ? { exit: 9 }
          : id === 'e'
            ? { exit: 1, outputs: { 'report.json': report([FINDING]) } }
            : { outputs: CLEAN },
      ]),
    );
    const reference = withoutTimes((await newBench().run(stages, fakeRuntime(scripts))).results);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(6), { minLength: 9, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        async (turns, cpus) => {
          const one = bench();
          try {
            const at = (stage: string) => turns[stages.findIndex(({ id }) => id === stage)] ?? 0;
            const runtime = fakeRuntime(scripts, { turns: at });
            const { results } = await one.run(stages, runtime, { limits: { cpus, memoryMb: 8192 } });
            expect(withoutTimes(results)).toEqual(reference);
            expect(runtime.peak).toBeLessThanOrEqual(cpus);
            expect(runtime.calls).toHaveLength(9);
          } finally {
            one.dispose();
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('a consumer is given what its producer left', async () => {
    const seen: string[] = [];
    const script: Script = {
      outputs: CLEAN,
      seen: ({ artifacts }) =>
        seen.push(...[...artifacts.values()].map((path) => readFileSync(path, 'utf8'))),
    };
    const runtime = fakeRuntime({ a: { outputs: CLEAN }, b: script });
    await newBench().run([toolStage('a'), consumer('b', 'a')], runtime);
    expect(runtime.calls).toEqual(['a', 'b']);
    expect(seen).toEqual([CLEAN['report.json']]);
  });

  it('a consumer of an incomplete producer lacks its input, of a not-applicable one is not-applicable', async () => {
    const none = toolStage('n', { selection: { include: ['*.none'] } });
    const stages = [
      toolStage('a'),
      consumer('b', 'a'),
      consumer('c', 'b'),
      none,
      consumer('o', 'n'),
      consumer('p', 'gone'),
    ];
    const runtime = fakeRuntime({ a: { exit: 9 } });
    const { results } = await newBench().run(stages, runtime);
    expect(runtime.calls).toEqual(['a']);
    expect(states(results)).toEqual({
      a: 'incomplete',
      b: 'incomplete',
      c: 'incomplete',
      n: 'not-applicable',
      o: 'not-applicable',
      p: 'incomplete',
    });
    for (const id of ['b', 'c', 'p']) {
      expect(results.find(({ stage }) => stage === id)).toMatchObject({
        failure: { reason: 'input-missing' },
      });
    }
  });

  it('stops starting stages when told, and lists the rest with the reason', async () => {
    const runtime = fakeRuntime({ a: { outputs: CLEAN } });
    const stages = ['a', 'b', 'c'].map((id) => toolStage(id));
    const why = { kind: 'stopped-by-budget', severity: 'high', count: 3, limit: 2 } as const;
    const stopWhen = (results: readonly StageResult[]) => (results.length > 0 ? why : undefined);
    const { results } = await newBench().run(stages, runtime, {
      limits: { cpus: 1, memoryMb: 99999 },
      stopWhen,
    });
    expect(results).toMatchObject([{ state: 'done' }, { state: 'skipped', why }, { state: 'skipped' }]);
  });

  it('an abort ends what runs and starts nothing more', async () => {
    const abort = new AbortController();
    const runtime = fakeRuntime({ a: { hold: true }, b: { hold: true } });
    const stages = ['a', 'b', 'c'].map((id) => toolStage(id));
    const running = newBench().run(stages, runtime, {
      signal: abort.signal,
      limits: { cpus: 2, memoryMb: 99999 },
    });
    await runtime.started(2);
    abort.abort();
    const { results, interrupted } = await running;
    expect(interrupted).toBe(true);
    expect(results).toMatchObject([
      { state: 'incomplete', failure: { reason: 'interrupted' } },
      { state: 'incomplete', failure: { reason: 'interrupted' } },
      { state: 'skipped', why: { kind: 'interrupted' } },
    ]);
    expect(runtime.calls).toHaveLength(2);
  });

  it('a bug in one stage ends the others before it is thrown', async () => {
    const runtime = fakeRuntime({ a: { throws: new TypeError('bug') }, b: { hold: true } });
    await expect(newBench().run([toolStage('a'), toolStage('b')], runtime)).rejects.toThrow('bug');
  });

  it('tells where the time went, by the clock it is given', async () => {
    const clock = manualClock();
    const runtime = fakeRuntime(
      { a: { delayMs: 100, outputs: CLEAN }, b: { delayMs: 50, outputs: CLEAN } },
      { clock },
    );
    const running = newBench().run([toolStage('a'), toolStage('b')], runtime, {
      clock,
      limits: { cpus: 1, memoryMb: 99999 },
    });
    await runtime.started(1);
    clock.advance(100);
    await runtime.started(2);
    clock.advance(50);
    const { results, timings } = await running;
    expect(results).toMatchObject([
      { timings: { queue: 0, startedAt: 0, endedAt: 100 } },
      { timings: { queue: 100, startedAt: 100, endedAt: 150 } },
    ]);
    expect(timings).toEqual({ startedAt: 0, endedAt: 150 });
  });
});

describe('secrets', () => {
  it('declared ones are in no stored byte, result or event', async () => {
    const value = 'hunter2-declared-value';
    const leak: ParsedFinding = { ...FINDING, message: `found ${value}` };
    const script: Script = {
      exit: 1,
      stdout: value,
      stderr: value,
      outputs: { 'report.json': report([leak]) },
    };
    const one = newBench();
    const run = (stage: ScanStage) =>
      one.run([stage], fakeRuntime({ t: script, u: { exit: 5, stderr: `x ${value}` } }), {
        secrets: { T: value },
      });
    const all = [await run(toolStage('t')), await run(toolStage('u'))];
    expect(JSON.stringify(all.map(({ results, events }) => [results, events]))).not.toContain(value);
    expect(JSON.stringify(all)).toContain('[redacted]');
    expect(cacheText(one.cacheDir)).not.toContain(value);
    expect(cacheText(one.cacheDir)).toContain('found [redacted]');
  });

  it('those that a scanner finds are taken out of other scanners’ texts, whoever ends first, cached or not', async () => {
    const value = 'Zx9-found-value';
    const files = { 'a.py': `key = "${value}"\n` };
    const secret: ParsedFinding = {
      kind: 'secret',
      rule: { id: 'S' },
      message: 'a key',
      span: { path: 'a.py', startLine: 1 },
    };
    const other: ParsedFinding = { ...FINDING, message: `string ${value}` };
    const one = newBench(files);
    for (const turns of [(id: string) => (id === 's' ? 0 : 9), (id: string) => (id === 's' ? 9 : 0)]) {
      const runtime = fakeRuntime(
        {
          o: { exit: 1, outputs: { 'report.json': report([other]) } },
          s: { exit: 1, outputs: { 'report.json': report([secret]) } },
        },
        { turns },
      );
      const redactor = createPublishRedactor([]);
      const { results } = await one.run([toolStage('o'), toolStage('s')], runtime, {
        publishRedactor: redactor,
      });
      expect(results[0]).toMatchObject({
        findings: [{ message: 'string [redacted]', accounts: [{ message: 'string [redacted]' }] }],
      });
      // What writes the bundle asks the same redactor.
      expect(redactor.text(`raw ${value}`)).toBe('raw [redacted]');
    }
  });

  it('are cleaned out by the definition before anything is stored; what cannot be cleaned is dropped', async () => {
    const text = JSON.stringify({ findings: [], examined: 1, snippet: 'SNIPPET-of-source' });
    const definitions = {
      t: { sanitize: (_: string, raw: string) => raw.replace('SNIPPET-of-source', '') },
      u: {
        sanitize: () => {
          throw new Error('no');
        },
      },
    };
    const one = newBench({ 'a.py': 'x\n' }, definitions);
    const script = { outputs: { 'report.json': text } };
    const { results } = await one.run(
      [toolStage('t'), toolStage('u')],
      fakeRuntime({ t: script, u: script }),
    );
    expect(results).toMatchObject([
      { state: 'done' },
      { state: 'incomplete', failure: { reason: 'report-malformed' } },
    ]);
    expect(cacheText(one.cacheDir)).not.toContain('SNIPPET');
  });
});

describe('resume', () => {
  it('interrupted at any point, the resumed run equals an undisturbed one and repeats no finished stage', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    const stages = [...ids.map((id) => toolStage(id)), consumer('e', 'a')];
    const scripts = Object.fromEntries(
      stages.map(({ id }) => [
        id,
        id === 'b' ? { exit: 1, outputs: { 'report.json': report([FINDING]) } } : { outputs: CLEAN },
      ]),
    );
    const limits = { cpus: 1, memoryMb: 99999 };
    const whole = (await newBench().run(stages, fakeRuntime(scripts), { limits })).results;
    const { planDigest } = planOf(stages);
    for (let point = 0; point <= stages.length; point += 1) {
      const one = newBench();
      const exportDir = join(one.root, 'export');
      const opened = openJournal({ exportDir, bundleId: 'x', planDigest, nowMs: 1 });
      if (!opened.ok || opened.value === null) throw new Error('no journal');
      const abort = new AbortController();
      let finished = 0;
      const journal = {
        finished: opened.value.finished,
        record(...args: Parameters<NonNullable<typeof opened.value>['record']>) {
          opened.value?.record(...args);
          finished += 1;
          if (finished === point) abort.abort();
        },
      };
      if (point === 0) abort.abort();
      const runtime = fakeRuntime(scripts);
      await one.run(stages, runtime, { limits, journal, signal: abort.signal });
      opened.value.close();
      const resumed = findResumable(exportDir, planDigest);
      expect(resumed?.finished.size).toBe(point);
      const { results } = await one.run(stages, runtime, { limits, ...(resumed && { journal: resumed }) });
      resumed?.close();
      const equal = (all: readonly StageResult[]) => all.map((result) => ({ ...result, timings: 0 }));
      expect(equal(results)).toEqual(equal(whole));
      expect(runtime.calls.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    }
  });
});

it('writes nothing into the workspace', async () => {
  const one = newBench();
  writeFileSync(join(one.workspace, 'b.py'), 'y\n');
  await one.run([toolStage('t')], fakeRuntime({ t: { outputs: CLEAN } }));
  expect(readdirSync(one.workspace).sort()).toEqual(['a.py', 'b.py']);
});
