import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notRunText } from '../../src/core/not-run.ts';
import type { RunResult } from '../../src/executor/engine/run-plan.ts';
import type { StageResult } from '../../src/executor/stage-result.ts';
import { isToolStage, type Plan, type ToolStage } from '../../src/planner/ir/ir.ts';
import { coverageOf } from '../../src/policy/coverage.ts';
import { decideVerdict } from '../../src/policy/verdict.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { Catalogue, CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import { type DoubleWorld, doubleWorld, type RunOver } from '../support/double-world.ts';
import { FAULTS, type Fault, type Subject, type Variant, variants } from '../support/fault-cells.ts';
import { findingDoubles, SCANNERS, subjects, toolset } from '../support/fault-subjects.ts';
import { startsTool, type ToolDouble } from '../support/tool-double.ts';

/** One square of the matrix, with what came of each way in which the fault was tried. */
interface Cell {
  readonly tool: string;
  readonly fault: Fault;
  readonly tries: readonly {
    readonly variant: Variant;
    readonly result: StageResult;
    readonly exitCode: number;
  }[];
}

const SHORT_MS = 700;
const all = subjects();
let world: DoubleWorld;
let clean: RunResult;

beforeAll(async () => {
  if (SCANNERS.length === 0) return;
  world = await doubleWorld(toolset());
  clean = await runWith(
    doubles((subject) => subject.clean),
    plannedStages(),
  );
});
afterAll(() => world?.dispose());

function doubles(pick: (subject: Subject) => ToolDouble | undefined): Record<string, ToolDouble> {
  return Object.fromEntries(
    all.flatMap((subject) => {
      const double = pick(subject);
      return double === undefined ? [] : [[subject.tool, double]];
    }),
  );
}

function plannedStages(): ToolStage[] {
  return world.plan.stages.filter(isToolStage);
}

function stages(): ToolStage[] {
  return plannedStages().filter(({ kind }) => kind !== 'database');
}

async function runWith(
  tools: Record<string, ToolDouble>,
  chosen: readonly ToolStage[],
  over: RunOver = {},
): Promise<RunResult> {
  const ran = await world.run(await world.store(tools), chosen, over);
  const scanned = new Set<string>(all.map(({ tool }) => tool));
  return { ...ran, results: ran.results.filter(({ tool }) => scanned.has(tool)) };
}

/** Everything that a stage reads of, itself left out. */
function producersOf(stage: ToolStage): readonly ToolStage[] {
  const direct = stage.inputs.flatMap(({ id }) =>
    plannedStages().filter(({ outputs }) => outputs.some((output) => output.id === id)),
  );
  return [...new Set(direct.flatMap((producer) => [...producersOf(producer), producer]))];
}

/** Stages that read of others have these beside them as they are when well, so that only their own fault shows. */
async function runDepths(
  double: (subject: Subject) => ToolDouble | undefined,
  chosen: readonly ToolStage[],
  over: RunOver,
): Promise<StageResult[]> {
  const depth = (stage: ToolStage): number =>
    stage.inputs.length === 0 ? 0 : 1 + Math.max(0, ...producersOf(stage).map(depth));
  const results: StageResult[] = [];
  for (const [, level] of Map.groupBy(chosen, depth)) {
    const faulty = new Set<string>(level.map((stage) => stage.tool));
    const well = [...new Set(level.flatMap(producersOf))].filter(({ tool }) => !faulty.has(tool));
    const tools = doubles((subject) => (faulty.has(subject.tool) ? double(subject) : subject.clean));
    const ran = await runWith(tools, [...level, ...well], over);
    results.push(...ran.results.filter(({ tool }) => faulty.has(tool)));
  }
  return results;
}

function toolOf(stage: { readonly tool: string }): string {
  return stage.tool;
}

/** The run's exit code when everything else is done and clean. */
function exitCodeWith(plan: Plan, result: StageResult): number {
  const results = clean.results.map((other) => whole(other.stage === result.stage ? result : other));
  const coverage = coverageOf(plan, results, { files: 0, leftOut: {}, examples: [] });
  return decideVerdict({ policy: plan.policy, coverage, findings: [], at: 0, elapsedMs: 0 }).exitCode;
}

/** A double's report names the files of another tree: which of these were not examined is no part of the matrix. */
function whole(result: StageResult): StageResult {
  return result.state === 'done' ? { ...result, unexamined: [] } : result;
}

/** Tries a fault on all scanners at a time, one way after the other. */
async function tryFault(fault: Fault, from?: Catalogue): Promise<Cell[]> {
  const ways = new Map(all.map((subject) => [subject.tool, variants(subject, fault)]));
  const tries = new Map<string, Cell['tries'][number][]>();
  for (let nth = 0; nth < Math.max(...[...ways.values()].map((list) => list.length)); nth += 1) {
    const chosen = stages()
      .filter((stage) => ways.get(toolOf(stage))?.[nth] !== undefined)
      .map((stage) => (fault === 'timeout' ? { ...stage, timeoutMs: SHORT_MS } : stage));
    const results = await runDepths(
      (subject) => ways.get(subject.tool)?.[nth]?.double,
      chosen,
      from === undefined ? {} : { catalogue: from },
    );
    for (const result of results) {
      const variant = ways.get(toolOf(result))?.[nth];
      if (variant === undefined) throw new Error(`nothing was tried on ${result.tool}`);
      const list = tries.get(result.tool) ?? [];
      tries.set(result.tool, [...list, { variant, result, exitCode: exitCodeWith(world.plan, result) }]);
    }
  }
  return all.map(({ tool }) => ({ tool, fault, tries: tries.get(tool) ?? [] }));
}

/** The checker: what is wrong with a cell. */
function wrong({ tool, fault, tries }: Cell): string[] {
  if (tries.length === 0) return [`${tool} × ${fault}: nothing was tried`];
  return tries.flatMap(({ variant, result, exitCode }) => {
    const got = result.state === 'incomplete' ? result.failure.reason : result.state;
    const detail = result.state === 'incomplete' ? JSON.stringify(result.failure).slice(0, 200) : '';
    return got === variant.reason && exitCode === 4
      ? []
      : [
          `${tool} × ${fault} (${variant.what}): ${got} and exit ${exitCode}, not ${variant.reason}. ${detail}`,
        ];
  });
}

describe.skipIf(SCANNERS.length === 0)('the fault matrix', () => {
  it('has every scanner of the catalogue, and each ends done when nothing goes wrong', async () => {
    expect(all).toHaveLength(SCANNERS.length);
    expect(clean.results.map((result) => [result.tool, result.state, describeResult(result)])).toEqual(
      all
        .map(({ tool }) => tool)
        .sort()
        .map((tool) => [tool, 'done', '0 findings']),
    );
    expect(clean.results.every((result) => exitCodeWith(world.plan, result) === 0)).toBe(true);
  });

  it('ends done, too, with what each scanner found', async () => {
    const found = findingDoubles();
    const results = await runDepths(
      ({ tool }) => found[tool],
      stages().filter((stage) => Object.hasOwn(found, toolOf(stage))),
      {},
    );
    for (const result of results) {
      expect(result.state, `${result.tool}: ${describeResult(result)}`).toBe('done');
      expect(result.state === 'done' && result.findings.length).toBeGreaterThan(0);
    }
  });

  it('gives incomplete and exit 4 in every cell, never a pass', { timeout: 900_000 }, async () => {
    const cells: Cell[] = [];
    for (const fault of FAULTS) cells.push(...(await tryFault(fault)));
    const incomplete = cells.filter(({ tries }) =>
      tries.every(({ result }) => result.state === 'incomplete'),
    );
    console.log(
      `fault matrix: ${cells.length} cells, ${incomplete.length} incomplete, ` +
        `${cells.reduce((sum, cell) => sum + cell.tries.length, 0)} runs`,
    );
    const faults = cells.flatMap(wrong);
    expect(faults, faults.join('\n')).toEqual([]);
    expect(cells).toHaveLength(all.length * FAULTS.length);
    expect(incomplete).toHaveLength(cells.length);
  });

  it('gives exit 4 and a whole bundle in a whole scan, too', { timeout: 900_000 }, async () => {
    const whole = FAULTS.filter((fault) => fault !== 'timeout');
    // What reads of others, or needs more than files, is not planned alone or not granted to.
    const alone = all.filter(({ tool }) => {
      const stage = stages().find((one) => toolOf(one) === tool);
      return stage?.inputs.length === 0 && stage.network === 'none' && stage.privileges === undefined;
    });
    for (const [index, subject] of alone.entries()) {
      const fault = whole[index % whole.length] ?? 'crash';
      const [variant] = variants(subject, fault);
      const exportDir = join(world.root, `export-${index}`);
      const outcome = await world.scan(
        await world.store(
          doubles(({ tool, clean: well }) => (tool === subject.tool ? variant?.double : well)),
        ),
        {
          options: { exportDir, only: [subject.tool] },
          env: { SECPLAN_CACHE_DIR: join(world.root, `scan-cache-${index}`) },
        },
      );
      expect([subject.tool, fault, outcome.exitCode]).toEqual([subject.tool, fault, 4]);
      const verdict = JSON.parse(readFileSync(join(exportDir, 'latest', 'verdict.json'), 'utf8'));
      expect(verdict).toMatchObject({ outcome: 'incomplete', exitCode: 4, incomplete: [expect.any(String)] });
    }
  });

  it('notices a parser that believes whatever it is given', async () => {
    const broken: Catalogue = new Map(
      [...catalogue].map(([id, entry]): [string, CatalogueEntry] => [
        id,
        { ...entry, report: credulous(entry) },
      ]),
    );
    const cells = await tryFault('other schema', broken);
    expect(cells.flatMap(wrong).length).toBeGreaterThanOrEqual(all.length);
  });

  it('notices a tool that is sent another argv than its case', async () => {
    const changed = stages()
      .filter(({ inputs }) => inputs.length === 0)
      .map((stage) => ({
        ...stage,
        providers: stage.providers.map((provider) => ({
          ...provider,
          steps: provider.steps.map((step) =>
            !startsTool(step) ? step : { ...step, argv: [...step.argv, '--surprise'] },
          ),
        })),
      }));
    for (const result of (
      await runWith(
        doubles(({ clean: double }) => double),
        changed,
      )
    ).results) {
      expect(result).toMatchObject({ state: 'incomplete', failure: { reason: 'exit-code', exitCode: 99 } });
    }
  });
});

/** A reader that believes whatever it is given. */
function credulous(entry: CatalogueEntry): CatalogueEntry['report'] {
  return async () => ({
    ...(await entry.report()),
    parse: () => ({
      ok: true,
      findings: [],
      notes: [],
      examined: { count: 1, unit: 'files', evidence: 'none' },
    }),
  });
}

function describeResult(result: StageResult): string {
  if (result.state === 'done') return `${result.findings.length} findings`;
  return result.state === 'incomplete' ? JSON.stringify(result.failure) : notRunText(result.why);
}
