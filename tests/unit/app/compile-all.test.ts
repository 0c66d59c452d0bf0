import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import { isToolStage, type Plan } from '../../../src/planner/ir/ir.ts';
import { graphLayout } from '../../../src/report/graph-layout.ts';
import { graphSvg } from '../../../src/report/graph-svg.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { TARGET_FILES, WORLD_TARGETS } from '../../../src/stages/kit/world-targets.ts';

let dir: string;
let plan: Plan;
const scanners = [...catalogue.keys()].filter((id) => id !== 'custom').sort();

async function compile(enable: readonly string[]): Promise<Plan> {
  // Targets of kinds that no scanner looks at are refused.
  const kinds = new Set([...catalogue.values()].map(({ requires }) => requires.target));
  const { binaries, ...targets } = WORLD_TARGETS;
  writeFileSync(
    join(dir, 'secplan.json'),
    JSON.stringify({
      apiVersion: 'secplan/v1',
      metadata: { name: 'all' },
      targets: kinds.has('binary') ? { ...targets, binaries } : targets,
      profiles: { all: { tools: { enable } } },
    }),
  );
  const compiled = await compileManifest({ cwd: dir, profile: 'all' });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics, null, 1));
  return compiled.value.plan;
}

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-all-')));
  for (const [path, text] of Object.entries(TARGET_FILES)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  plan = await compile(scanners);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a manifest that enables every scanner, with one target of each kind', () => {
  it('compiles to at least one stage for each, and leaves none out', () => {
    const planned = new Set(plan.stages.filter(isToolStage).map(({ tool }) => String(tool)));
    expect(scanners.filter((id) => !planned.has(id))).toEqual([]);
    expect(planned.size).toBeGreaterThan(50);
  });

  it('would show a scanner that is missing', async () => {
    const without = await compile(scanners.filter((id) => id !== 'bandit'));
    expect(without.stages.filter(isToolStage).some(({ tool }) => String(tool) === 'bandit')).toBe(false);
  });

  it('is a picture with a box for each stage, none on another, no line through a box, on one screen', () => {
    const { cells, edges } = graphLayout(plan);
    const places = new Set(cells.map(({ column, row }) => `${column},${row}`));
    expect(places.size).toBe(cells.length);
    expect(cells).toHaveLength(plan.stages.filter(isToolStage).length);
    const crossing = edges.flatMap((edge) =>
      edge.slice(1, -1).filter(({ column, row }) => places.has(`${column},${row}`)),
    );
    expect(crossing).toEqual([]);
    // Those that wait for nothing stand by category, down one column after the other.
    const tied = new Set(
      edges.flatMap((edge) => [edge[0], edge.at(-1)]).map((at) => `${at?.column},${at?.row}`),
    );
    const loose = cells.filter(({ column, row }) => !tied.has(`${column},${row}`));
    const runs = loose
      .sort((a, b) => a.column - b.column || a.row - b.row)
      .map(({ stage }) => (isToolStage(stage) ? String(stage.category) : 'service'))
      .filter((category, index, all) => category !== all[index - 1]);
    expect(runs).toEqual([...new Set(runs)]);
    expect(runs.length).toBeGreaterThan(10);
    const svg = graphSvg(plan);
    const [width = 0, height = 0] = [...(svg.match(/width="(\d+)" height="(\d+)"/)?.slice(1) ?? [])].map(
      Number,
    );
    expect(width).toBeLessThan(1600);
    expect(height).toBeLessThan(2000);
    for (const { id } of plan.stages.filter(isToolStage)) expect(svg).toContain(`<title>${id}`);
    // No name of a stage is cut: only what stands below it may be, and the box's tooltip has all of it.
    const names = [...svg.matchAll(/font-weight="bold" fill="#1b1b1b">([^<]*)</g)].map(([, name]) => name);
    expect(names.filter((name) => name?.includes('…'))).toEqual([]);
  });
});
