import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { forkLargeReports } from '../../../src/app/large-reports/fork-large-reports.ts';
import { LARGE_CHARACTERS, type LargeReportRequest } from '../../../src/executor/engine/large-reports.ts';
import { type Evidence, judge, type OutputContent } from '../../../src/executor/judge/judge.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import type { CatalogueEntry } from '../../../src/stages/contract/catalogue.ts';
import { type StageCase, stageCase } from '../../../src/stages/kit/stage-case.ts';
import { worldTarget } from '../../../src/stages/kit/world-targets.ts';
import { fakeRuntime } from '../../support/fake-runtime.ts';
import { bench, CLEAN } from '../../support/run-rig.ts';
import { toolStage } from '../../support/tool-stage.ts';

const STAGES = new URL('../../../src/stages/', import.meta.url);
const CHILD = new URL('../../../src/app/large-reports/read-large-report.ts', import.meta.url);
const signal = new AbortController().signal;

type JudgeRequest = Extract<LargeReportRequest, { readonly kind: 'judge' }>;

function caseNames(id: string): string[] {
  try {
    return readdirSync(new URL(`${id}/cases/`, STAGES), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** How a case's outputs are judged, with `over` in place of what was recorded. */
function requestOf(entry: CatalogueEntry, given: StageCase, over: Readonly<Record<string, string>> = {}) {
  const texts = { ...given.outputs, ...over };
  const outputs = Object.fromEntries(
    Object.entries(texts).map(([name, text]): [string, OutputContent] => [name, { kind: 'text', text }]),
  );
  const logs = Object.fromEntries(
    given.steps.flatMap(({ id, stdout, stderr }) => [
      [`${id}.stdout`, stdout === undefined ? given.stdout : (texts[stdout] ?? '')],
      [`${id}.stderr`, stderr === undefined ? given.stderr : (texts[stderr] ?? '')],
    ]),
  );
  const steps = given.steps.map(({ id, exits }) => ({
    step: id,
    exitCode: Number(Object.keys(exits).at(-1)),
    wallMs: 1,
    maxRssBytes: null,
  }));
  const evidence: Evidence = {
    execution: { ok: true, steps, sourceRoot: '/src' },
    outputs,
    logs,
    given: ['a.py'],
  };
  return {
    kind: 'judge',
    definition: entry.id,
    stage: {
      outputSpecs: entry.outputs,
      faults: entry.faults ?? [],
      options: { ...entry.optionDefaults, ...given.options },
      selection: { include: ['**'] },
      target: worldTarget(entry.requires.target),
    },
    provider: { steps: given.steps },
    evidence,
  } as unknown as JudgeRequest;
}

async function judgedHere({ definition, stage, provider, evidence }: JudgeRequest) {
  const report = await catalogue.get(definition)?.report();
  if (report === undefined) throw new Error(definition);
  return judge(stage, provider, report, evidence);
}

function entryOf(id: string): CatalogueEntry {
  const entry = catalogue.get(id);
  if (entry === undefined) throw new Error(id);
  return entry;
}

/** A case whose report holds what `grow` makes of it. */
function grown(id: string, grow: (report: string) => string): JudgeRequest {
  const entry = entryOf(id);
  const given = stageCase(id, 'findings');
  const [output = ''] = Object.keys(given.outputs);
  return requestOf(entry, given, { [output]: grow(given.outputs[output] ?? '') });
}

describe('the process that reads large reports', () => {
  const child = fork(CHILD, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  afterAll(() => void child.kill('SIGKILL'));
  const ask = (request: LargeReportRequest) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send(request);
    });

  it('judges and cleans every recorded case as this one does', { timeout: 120_000 }, async () => {
    let cases = 0;
    for (const [id, entry] of catalogue) {
      const report = await entry.report();
      for (const name of caseNames(id)) {
        const given = stageCase(id, name);
        const request = requestOf(entry, given);
        expect([id, name, await ask(request)]).toEqual([id, name, await judgedHere(request)]);
        for (const [output, text] of Object.entries(given.outputs)) {
          if (report.sanitize === undefined) continue;
          const cleaned = await ask({ kind: 'sanitize', definition: id, output, text });
          expect([id, name, cleaned]).toEqual([id, name, { text: report.sanitize(output, text) }]);
        }
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThan(100);
  });
});

describe('a report that takes too much', () => {
  const small = forkLargeReports(300);
  // What is counted in the child's heap and what is not are both bounded; this process keeps its own.
  const before = process.memoryUsage().heapUsed;

  it.each([
    [
      'a message of 220 MB',
      grown('bandit', (text) => text.replace(/"issue_text": *"/, `$&${'x'.repeat(220e6)}`)),
    ],
    [
      'millions of empty objects',
      grown('bandit', (text) => text.replace('{', `{"x": [${'{},'.repeat(15e6)}{}],`)),
    ],
    [
      'lists that are nested deeply',
      grown('bandit', (text) => text.replace(/"results": *\[/, `$&${'['.repeat(5e6)}${']'.repeat(5e6)},`)),
    ],
  ])('gives no result: %s', { timeout: 60_000 }, async (_, request) => {
    const asked = await small.ask(request, signal);
    if (asked.ok) expect(asked.reply).toMatchObject({ ok: false });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 30);
  });

  it('has one text without an end, though it can be read', { timeout: 60_000 }, async () => {
    const request = grown('bandit', (text) => text.replace(/"issue_text": *"/, `$&${'x'.repeat(220e6)}`));
    expect(await forkLargeReports().ask(request, signal)).toEqual({
      ok: true,
      reply: {
        ok: false,
        failure: { reason: 'report-limit', output: 'report', limit: { kind: 'text', characters: 2 ** 26 } },
      },
    });
  });

  it('says one text of 1 MB in each of a hundred findings', () => {
    const text = 'x'.repeat(2 ** 20);
    const finding = { kind: 'code', rule: { id: 'R' }, message: text, toolLevel: 'ERROR' } as const;
    const [entry, given] = [entryOf('bandit'), stageCase('bandit', 'findings')];
    const { stage, provider, evidence } = requestOf(entry, given);
    const examined = { count: 1, unit: 'files', evidence: 'x' } as const;
    const parsing = (count: number) => ({
      parse: () => ({ ok: true, findings: Array(count).fill(finding), examined, notes: [] }) as const,
    });
    expect(judge(stage, provider, parsing(60), evidence)).toMatchObject({ ok: true });
    expect(judge(stage, provider, parsing(100), evidence)).toMatchObject({
      ok: false,
      failure: { reason: 'report-limit', limit: { kind: 'text' } },
    });
  });

  it('makes its stage incomplete; the others keep their results', async () => {
    const big = `{"findings":[],"examined":1,"x":"${'x'.repeat(LARGE_CHARACTERS)}"}`;
    const runtime = fakeRuntime({ big: { outputs: { 'report.json': big } }, small: { outputs: CLEAN } });
    const one = bench();
    const asked: string[] = [];
    const largeReports = {
      limitBytes: 1000,
      ask: async ({ kind }: LargeReportRequest) => {
        asked.push(kind);
        return { ok: false } as const;
      },
    };
    const { results } = await one.run([toolStage('big'), toolStage('small')], runtime, { largeReports });
    one.dispose();
    expect(asked).toEqual(['judge']);
    expect(results).toMatchObject([
      {
        stage: 'big',
        state: 'incomplete',
        failure: { reason: 'report-limit', limit: { kind: 'memory', bytes: 1000 } },
      },
      { stage: 'small', state: 'done' },
    ]);
  });
});
