import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import { layoutJson } from '../../../src/evidence/golden/layout-json.ts';
import { normalizeJson } from '../../../src/evidence/golden/normalize.ts';
import { structuralDiff } from '../../../src/evidence/golden/structural-diff.ts';
import type { Plan, ToolStage } from '../../../src/planner/ir/ir.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const UPDATE = process.env.UPDATE_GOLDEN === '1';

const EXAMPLES = [
  ['minimal', 'smoke'],
  ['light-python', 'light'],
  ['polyglot', 'review'],
  ['custom-tool', 'house'],
  ['heavy-stack', 'dynamic'],
] as const;

describe('plans of the examples', () => {
  test.each(EXAMPLES)('%s with profile %s compiles to its golden plan', async (name, profile) => {
    const file = join(ROOT, 'golden/plans', `${name}.plan.json`);
    const text = `${layoutJson(normalPlan(await planOf(name, profile)))}\n`;
    if (UPDATE) {
      mkdirSync(join(ROOT, 'golden/plans'), { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file), `${file} is missing: UPDATE_GOLDEN=1 writes it, then read it`).toBe(true);
    const golden = readFileSync(file, 'utf8');
    // The difference first: it names what changed where the texts alone would not.
    expect(structuralDiff(JSON.parse(golden), JSON.parse(text))).toEqual([]);
    expect(text).toBe(golden);
  });

  test('an edit of an adapter does not show; of a command, a version, a budget or a script it does', async () => {
    const plan = await planOf('custom-tool', 'house');
    const change = (edit: (stage: ToolStage) => object): Plan => ({
      ...plan,
      stages: plan.stages.map((stage) =>
        stage.id === 'ruff' || stage.id === 'todo-owner' ? { ...stage, ...edit(stage as ToolStage) } : stage,
      ) as Plan['stages'],
    });
    const differences = (other: Plan) => structuralDiff(normalPlan(plan), normalPlan(other)).length;
    expect(differences(change(() => ({ definitionDigest: `sha256:${'0'.repeat(64)}` })))).toBe(0);
    expect(differences({ ...plan, secplan: '9.9.9' })).toBe(0);
    const { policy } = plan;
    const raised = { ...policy, budgets: { ...policy.budgets, overall: { critical: 1 } } };
    expect(differences({ ...plan, policy: raised })).toBeGreaterThan(0);
    const provider = (edit: object) =>
      change(({ providers }) => ({ providers: providers.map((item) => ({ ...item, ...edit })) }));
    expect(differences(provider({ version: '0.0.1' }))).toBeGreaterThan(0);
    expect(differences(provider({ steps: [] }))).toBeGreaterThan(0);
    expect(differences(change(() => ({ scripts: {} })))).toBeGreaterThan(0);
  });
});

async function planOf(name: string, profile: string): Promise<Plan> {
  const compiled = await compileManifest({ cwd: join(ROOT, 'manifests/examples', name), profile });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return compiled.value.plan;
}

function normalPlan(plan: Plan): unknown {
  return normalizeJson('plan.json', JSON.parse(JSON.stringify(plan)));
}
