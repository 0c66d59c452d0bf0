import type { Model, ModelTarget, ModelTool, PlannedPolicy } from '../../src/compiler/model/model.ts';
import { digestOf } from '../../src/core/canonical.ts';
import { toolId } from '../../src/core/ids.ts';
import type { ToolsLock } from '../../src/lock/lock-types.ts';
import type { Plan } from '../../src/planner/ir/ir.ts';
import type { PlanContext } from '../../src/planner/passes/draft.ts';
import { planStages } from '../../src/planner/plan.ts';
import { type FakeScanner, fakeEntry, fakeScanner } from './fake-scanner.ts';

/** The user's own stage, as the registry's `custom` is. */
export const custom = fakeScanner('custom', {
  userDefined: true,
  providers: [{ name: 'workspace', runtime: 'local', kind: 'path', package: 'custom', bin: 'custom' }],
  requires: { target: 'source', selection: { include: ['**'] } },
});

export function context(
  definitions: readonly FakeScanner[],
  changes: Partial<PlanContext> = {},
): PlanContext {
  const loaded = new Map(definitions.map((definition) => [definition.id, definition]));
  const entries = definitions.map((definition) => [definition.id, fakeEntry(definition)] as const);
  return {
    catalogue: new Map(entries),
    commands: loaded,
    lock: lock(definitions.filter(({ id }) => id !== 'custom').map(({ id }) => id)),
    secplanVersion: '0.1.0',
    assetDigest: (path) => digestOf(path),
    ...changes,
  };
}

export function lock(ids: readonly string[], provider = 'pypi'): ToolsLock {
  const tools = ids.map((id) => [
    id,
    {
      [provider]: {
        kind: 'pypi' as const,
        package: id,
        version: '1.2.3',
        digest: digestOf(`${id} 1.2.3`),
        packages: [],
      },
    },
  ]);
  return { schema: 'https://secplan.dev/schema/tools-lock/v1', tools: Object.fromEntries(tools) };
}

export function tool(id: string, changes: Partial<ModelTool> = {}): ModelTool {
  return {
    id: toolId(id),
    definition: id,
    options: {},
    args: [],
    retries: 0,
    resources: {},
    severityMap: {},
    secrets: [],
    needs: [],
    named: false,
    pointer: '',
    ...changes,
  };
}

export function customTool(
  id: string,
  needs: readonly string[] = [],
  changes: Partial<ModelTool> = {},
): ModelTool {
  return tool(id, {
    definition: 'custom',
    needs,
    named: true,
    pointer: `/profiles/pr/tools/enable/${id}`,
    options: { command: [`./${id}.sh`], report: 'sarif', inputs: ['src/**'] },
    ...changes,
  });
}

export const source: ModelTarget = {
  kind: 'source',
  name: 'source',
  path: '.',
  include: [],
  exclude: [],
  details: {},
  pointer: '/targets/source',
};

export const policy: PlannedPolicy = {
  budgets: {
    origin: 'built-in',
    overall: { critical: 0, high: 5 },
    perTool: {},
    perCategory: {},
    perTarget: {},
  },
  waivers: [],
  onIncomplete: 'fail',
  coverageRequire: [],
  slaMs: 600_000,
  enforceSla: false,
};

export function model(tools: readonly ModelTool[], changes: Partial<Model> = {}): Model {
  return {
    name: 'pay',
    labels: {},
    profile: 'light',
    profileChain: ['light'],
    requiresStack: false,
    targets: [source],
    tools,
    databases: [],
    notPlanned: [],
    policy,
    secrets: {},
    runtime: 'local',
    dagger: {},
    cache: {},
    sandbox: true,
    ...changes,
  };
}

/** Plans, and throws with the diagnostics when that fails. */
export function planned(planModel: Model, planContext: PlanContext): Plan {
  const outcome = planStages(planModel, planContext);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics, null, 2));
  return outcome.value;
}
