import { byCodeUnit } from '../core/canonical.ts';
import { CATEGORIES } from '../core/category.ts';
import { stageGraph, waves } from '../planner/graph/graph.ts';
import { isToolStage, type Plan, type ServiceStage, type ToolStage } from '../planner/ir/ir.ts';

/** A place in units of one column and one row from the top left. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

/** What has its own box. */
export type DrawnStage = ToolStage | ServiceStage;

/** Where a box stands. */
export interface Cell extends Place {
  readonly stage: DrawnStage;
}

export interface Layout {
  readonly cells: readonly Cell[];
  readonly columns: number;
  readonly rows: number;
  /** From a scanner to one that needs it, with a place in each column between them where no box stands. */
  readonly edges: readonly (readonly Place[])[];
}

/**
 * Scanners that wait for others stand in columns by depth, near to what they need; below them, in a grid about five
 * times as many rows as columns (a box is five times as wide as high), those that have nothing to do with each other:
 * each category together.
 */
export function graphLayout(plan: Plan): Layout {
  const tools = plan.stages.filter((stage) => isToolStage(stage) || stage.kind === 'service');
  const ids = new Set<string>(tools.map(({ id }) => id));
  const tied = new Set<string>();
  for (const { id, needs } of tools) {
    for (const need of needs) if (ids.has(need)) tied.add(need).add(id);
  }
  const { cells: layered, edges } = layers(tools.filter(({ id }) => tied.has(id)));
  const loose = tools
    .filter(({ id }) => !tied.has(id))
    .sort((a, b) => rank(a) - rank(b) || byCodeUnit(a.id, b.id));
  const places: readonly Place[] = [...layered, ...edges.flat()];
  const depth = 1 + places.reduce((most, { column }) => Math.max(most, column), -1);
  const top = 1 + places.reduce((most, { row }) => Math.max(most, row), -1);
  const columns = Math.max(depth, Math.ceil(Math.sqrt(loose.length / 5)), 1);
  const perColumn = Math.max(1, Math.ceil(loose.length / columns));
  const grid = loose.map((stage, index) => ({
    stage,
    column: Math.floor(index / perColumn),
    row: top + (index % perColumn),
  }));
  return {
    cells: [...layered, ...grid],
    columns,
    rows: Math.max(1, top + Math.min(perColumn, loose.length)),
    edges,
  };
}

/** Services first, then scanners in the order of their categories. */
function rank(stage: DrawnStage): number {
  return stage.kind === 'service' ? -1 : (CATEGORIES as readonly string[]).indexOf(stage.category);
}

// A line over several columns gets its own row in each between, as a box would: `from>to`, which no id contains.
function layers(stages: readonly DrawnStage[]): Pick<Layout, 'cells' | 'edges'> {
  const byId = new Map<string, DrawnStage>(stages.map((stage) => [stage.id, stage]));
  const graph = stageGraph(stages);
  const depthOf = new Map<number, number>();
  const slots: { key: string; before: readonly string[] }[][] = [];
  for (const [column, wave] of waves(graph).entries()) {
    slots.push([]);
    for (const node of wave) depthOf.set(node, column);
  }
  const idOf = (node: number) => graph.ids[node] ?? '';
  const chains = [...depthOf.keys()].flatMap((node) => {
    const to = depthOf.get(node) ?? 0;
    return (graph.needs[node] ?? []).map((need) => {
      const from = depthOf.get(need) ?? 0;
      const via = Array.from(
        { length: to - from - 1 },
        (_, step) => `${idOf(need)}>${idOf(node)}>${from + 1 + step}`,
      );
      for (const [step, key] of via.entries())
        slots[from + 1 + step]?.push({ key, before: [via[step - 1] ?? idOf(need)] });
      return [idOf(need), ...via, idOf(node)];
    });
  });
  const lastOf = Map.groupBy(chains, (chain) => chain.at(-1) ?? '');
  for (const [node, column] of depthOf) {
    const id = idOf(node);
    slots[column]?.push({ key: id, before: (lastOf.get(id) ?? []).map((chain) => chain.at(-2) ?? '') });
  }
  const places = arrange(
    slots,
    Map.groupBy(chains, (chain) => chain[0] ?? ''),
  );
  const cells = [...places].flatMap(([key, place]) => {
    const stage = byId.get(key);
    return stage === undefined ? [] : [{ ...place, stage }];
  });
  return { cells, edges: chains.map((chain) => chain.flatMap((key) => places.get(key) ?? [])) };
}

// Beside the middle of what comes before, so that lines cross little; the first column by who comes after.
function arrange(
  slots: readonly (readonly { readonly key: string; readonly before: readonly string[] }[])[],
  after: ReadonlyMap<string, readonly (readonly string[])[]>,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const firstAfter = (key: string) => (after.get(key) ?? []).map((chain) => chain[1] ?? '').sort()[0] ?? '';
  for (const [column, keys] of slots.entries()) {
    const middle = (before: readonly string[]) =>
      before.reduce((sum, key) => sum + (places.get(key)?.row ?? 0), 0) / Math.max(1, before.length);
    const sorted = keys
      .map(({ key, before }) => ({ key, middle: middle(before), next: firstAfter(key) }))
      .sort((a, b) => a.middle - b.middle || byCodeUnit(a.next, b.next) || byCodeUnit(a.key, b.key));
    for (const [row, { key }] of sorted.entries()) places.set(key, { column, row });
  }
  return places;
}
