import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStoreRedactor } from '../../src/core/redaction/redactor.ts';
import { collectOutputs } from '../../src/executor/engine/collect-outputs.ts';
import { judge, OUTPUT_LIMIT_BYTES } from '../../src/executor/judge/judge.ts';
import type { PlannedProvider, ToolStage } from '../../src/planner/ir/ir.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { Step } from '../../src/stages/contract/command.ts';
import type { OutputSpec } from '../../src/stages/contract/output.ts';
import type { StageReport } from '../../src/stages/contract/report.ts';
import { sourcePath } from '../../src/stages/contract/source-path.ts';
import { parseForeign } from '../../src/stages/formats/parse-foreign.ts';
import { stageCase } from '../../src/stages/kit/stage-case.ts';
import { worldTarget } from '../../src/stages/kit/world-targets.ts';
import { isTested, TESTS_ALL } from '../support/tested-scanners.ts';

const scratch = mkdtempSync(join(tmpdir(), 'secplan-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const DEEP = 100_000;
const BOMB = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><r>&c;</r>`;

/** What no tool writes. */
const NEVER: readonly [string, string | Uint8Array][] = [
  ['nothing', ''],
  ['white space', ' \n\t\n'],
  ['null', 'null'],
  ['a number', '42'],
  ['an empty object', '{}'],
  ['an empty list', '[]'],
  ['another shape', '{"results": "none", "runs": 7, "version": {}, "Issues": "", "findings": [[]]}'],
  ['lists 100,000 deep', '['.repeat(DEEP) + ']'.repeat(DEEP)],
  ['objects 100,000 deep', `${'{"runs":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`],
  ['lists 100,000 deep, never closed', '['.repeat(DEEP)],
  ['elements 100,000 deep', '<results>'.repeat(DEEP) + '</results>'.repeat(DEEP)],
  ['XML with entities that grow', BOMB],
  ['plain words', 'Segmentation fault (core dumped)\n'],
  ['zero bytes', '\0'.repeat(4096)],
  ['a byte order mark alone', '\ufeff'],
  ['a half of a surrogate', '{"results": ["\\ud800"]}'],
  ['__proto__', '{"__proto__": {"results": [], "runs": []}, "constructor": 1}'],
];

interface Subject {
  readonly specs: readonly OutputSpec[];
  readonly steps: readonly Step[];
  readonly main: OutputSpec;
  readonly given: ReturnType<typeof stageCase>;
  readonly entry: CatalogueEntry;
  readonly report: StageReport<unknown>;
  readonly name: string;
}

async function subject(id: string, name: string): Promise<Subject> {
  const entry = catalogue.get(id);
  if (entry === undefined) throw new Error(`no ${id}`);
  const given = stageCase(id, name);
  const held = entry.outputs.filter(
    (spec) => given.outputs[spec.name] !== undefined && spec.type !== 'text' && spec.tree !== true,
  );
  // What may be empty says little alone: the output that proves that it was looked at is tried instead.
  const sure = entry.outputs.find(({ name: output }) => given.outputs[output] !== undefined);
  const main = held.find(({ mayBeEmpty }) => mayBeEmpty !== true) ?? held[0] ?? sure;
  if (main === undefined) throw new Error(`${id}: no main output`);
  return {
    specs: entry.outputs,
    steps: given.steps,
    main,
    given,
    entry,
    report: await entry.report(),
    name: id,
  };
}

let made = 0;

/** Judges a run that left these bytes as the tool's report, and all else as the clean case has it. */
async function judged(tool: Subject, report: string | Uint8Array | { readonly sparse: number }) {
  made += 1;
  const outDir = join(scratch, `out-${made}`);
  const logDir = join(scratch, `log-${made}`);
  const provider = { steps: tool.steps } as Pick<PlannedProvider, 'steps'>;
  mkdirSync(outDir);
  mkdirSync(logDir);
  for (const step of tool.steps) {
    writeFileSync(join(logDir, `${step.id}.stdout`), step.stdout === undefined ? tool.given.stdout : '');
    writeFileSync(join(logDir, `${step.id}.stderr`), step.stderr === undefined ? tool.given.stderr : '');
  }
  for (const spec of tool.specs) {
    const bytes = spec === tool.main ? report : tool.given.outputs[spec.name];
    if (bytes === undefined) continue;
    const step = tool.steps.find(({ stdout, stderr }) => stdout === spec.name || stderr === spec.name);
    const stream = step?.stdout === spec.name ? 'stdout' : 'stderr';
    const path = spec.file === undefined ? join(logDir, `${step?.id}.${stream}`) : join(outDir, spec.file);
    mkdirSync(dirname(path), { recursive: true });
    const sparse = typeof bytes === 'object' && 'sparse' in bytes ? bytes.sparse : undefined;
    writeFileSync(path, sparse === undefined ? (bytes as string | Uint8Array) : '');
    if (sparse !== undefined) truncateSync(path, sparse);
  }
  const stage: Pick<ToolStage, 'outputSpecs' | 'faults' | 'options' | 'selection' | 'target'> = {
    selection: { include: ['**'] },
    target: worldTarget(tool.entry.requires.target),
    outputSpecs: tool.specs,
    faults: [],
    options: { ...tool.entry.optionDefaults, ...tool.given.options },
  };
  const redactor = createStoreRedactor([]);
  const collected = await collectOutputs({
    stage,
    provider,
    report: tool.report,
    redactor,
    outDir,
    logDir,
  });
  rmSync(outDir, { recursive: true });
  rmSync(logDir, { recursive: true });
  const steps = tool.steps.map((step) => {
    const exitCode = Number(Object.keys(step.exits)[0]);
    return { step: step.id, exitCode, wallMs: 1, maxRssBytes: null };
  });
  const evidence = {
    ...collected,
    execution: { ok: true as const, sourceRoot: '/src', steps },
    given: ['a'],
  };
  return judge(stage, provider, tool.report, evidence);
}

/** Databases are trees, which the store itself lists. */
const scanners = [...catalogue]
  .filter(([id, { kind }]) => kind !== 'database' && isTested(id))
  .map(([id]) => id);

describe.each(scanners)('%s', (id) => {
  it('finds its own clean report clean, so that what follows proves something', async () => {
    const tool = await subject(id, 'clean');
    const own = tool.given.outputs[tool.main.name] ?? '';
    expect(await judged(tool, own)).toMatchObject({ ok: true });
  });

  it.each(NEVER)('%s is a coded failure', async (_, text) => {
    const tool = await subject(id, 'clean');
    // Some tools' clean report is one of these: that they looked is then proven by another output.
    if (text === tool.given.outputs[tool.main.name]?.trim()) return;
    const verdict = await judged(tool, text);
    expect(verdict, JSON.stringify(verdict).slice(0, 300)).toMatchObject({
      ok: false,
      failure: { reason: expect.any(String) },
    });
    if (typeof text !== 'string') return;
    // Not even what nothing has looked at before: judging catches what a parser throws, this does not.
    const context = {
      options: { ...tool.entry.optionDefaults, ...tool.given.options },
      target: worldTarget(tool.entry.requires.target),
      relative: (path: string) => sourcePath('/src', path),
      filesGiven: 1,
      given: [],
      log: { stdout: '', stderr: '' },
    };
    const raw = { ...tool.given.outputs, [tool.main.name]: text };
    expect(tool.report.parse(raw, context).ok).toBe(false);
    expect(
      tool.report.parse({ [tool.main.name]: tool.report.sanitize?.(tool.main.name, text) }, context).ok,
    ).toBe(false);
  });

  it('bytes that are no UTF-8 are a coded failure', async () => {
    const tool = await subject(id, 'clean');
    const own = Buffer.from(tool.given.outputs[tool.main.name] ?? '');
    const bytes = Buffer.concat([
      own.subarray(0, own.length - 2),
      Buffer.from([0xff, 0xfe]),
      own.subarray(-2),
    ]);
    expect(await judged(tool, bytes)).toMatchObject({ ok: false, failure: { reason: 'report-malformed' } });
  });

  it('its report cut off anywhere is a coded failure', async () => {
    const tool = await subject(id, 'clean');
    const own = (tool.given.outputs[tool.main.name] ?? '').trimEnd();
    // Of plain text only the lines at its end tell that it is whole.
    const plain = tool.main.type === 'text';
    const step = Math.max(1, Math.floor(own.length / 40));
    for (let at = 0; at < (plain ? own.length / 2 : own.length); at += step) {
      const verdict = await judged(tool, own.slice(0, at));
      expect(verdict.ok, `cut off at ${at} of ${own.length}`).toBe(false);
    }
    if (!plain) expect((await judged(tool, own.slice(0, -1))).ok).toBe(false);
  });

  it('its findings cut off anywhere are never clean and never half of them', async () => {
    const entry = catalogue.get(id);
    if (entry?.kind === 'sbom') return;
    const tool = await subject(id, 'findings');
    const own = (tool.given.outputs[tool.main.name] ?? '').trimEnd();
    const step = Math.max(1, Math.floor(own.length / 40));
    const end = tool.main.type === 'text' ? own.length / 2 : own.length;
    for (let at = 1; at < end; at += step) {
      const verdict = await judged(tool, own.slice(0, at));
      expect(verdict.ok || verdict.failure.reason, `cut off at ${at}`).toMatch(
        /^report-(malformed|empty|schema)$/,
      );
    }
  });

  it('`parse` refuses all of it, too, in every form that it reads', async () => {
    const { entry, report } = await subject(id, 'clean');
    const relative = (path: string) => sourcePath('/', path);
    for (const [what, text] of NEVER) {
      if (typeof text !== 'string') continue;
      const outcome = parseForeign(entry, report, text, relative);
      // What is empty in a form that is a list (or null) holds no finding; anything else is refused.
      if (outcome.ok)
        expect([what, outcome.findings]).toEqual([expect.stringMatching(/^(null|an empty list)$/), []]);
    }
  });
});

it.skipIf(!TESTS_ALL)('a parser that takes anything for clean would be found out', async () => {
  const tool = await subject('bandit', 'clean');
  const examined = { count: 1, unit: 'files' as const, evidence: 'none' };
  const parse = () => ({ ok: true as const, findings: [], notes: [], examined });
  expect(await judged({ ...tool, report: { ...tool.report, parse } }, '{}')).toMatchObject({ ok: true });
});

describe.skipIf(!TESTS_ALL)('the size of a report', () => {
  it('above the limit is refused unread, whatever the tool', async () => {
    const tool = await subject('bandit', 'clean');
    const before = process.memoryUsage().rss;
    const verdict = await judged(tool, { sparse: OUTPUT_LIMIT_BYTES + 1 });
    expect(verdict).toEqual({
      ok: false,
      failure: { reason: 'output-too-large', output: 'report', limitBytes: OUTPUT_LIMIT_BYTES },
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  it('of 200 MB below it is read, and refused for what it holds', async () => {
    const tool = await subject('bandit', 'clean');
    expect(OUTPUT_LIMIT_BYTES).toBeGreaterThan(200_000_000);
    expect(await judged(tool, { sparse: 200_000_000 })).toMatchObject({
      ok: false,
      failure: { reason: 'report-malformed' },
    });
  });
});
