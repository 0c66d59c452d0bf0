import { byCodeUnit } from '../../core/canonical.ts';

/**
 * A directed graph over ids, as flat arrays: node numbers follow the code-unit order of the ids, so everything
 * derived from it is independent of the order of its input.
 */
export interface StageGraph {
  /** Sorted by code unit. */
  readonly ids: readonly string[];
  /** `needs[n]` are the numbers of the nodes that n comes after, ascending. */
  readonly needs: readonly (readonly number[])[];
  /** `feeds[n]` are the numbers of the nodes that come after n, ascending. */
  readonly feeds: readonly (readonly number[])[];
}

/**
 * Builds the graph; a need that names no node is left out (passes report those before), repeated ones count once.
 * Linear but for the sort of ids.
 */
export function stageGraph(
  nodes: Iterable<{ readonly id: string; readonly needs: readonly string[] }>,
): StageGraph {
  const sorted = [...nodes].sort((a, b) => byCodeUnit(a.id, b.id));
  const number = new Map<string, number>();
  for (const [index, node] of sorted.entries()) number.set(node.id, index);
  const feeds: number[][] = sorted.map(() => []);
  const needs = sorted.map((node, index) => {
    const found = new Set<number>();
    for (const need of node.needs) {
      const at = number.get(need);
      if (at !== undefined) found.add(at);
    }
    const before = [...found].sort((a, b) => a - b);
    for (const at of before) feeds[at]?.push(index);
    return before;
  });
  return { ids: sorted.map((node) => node.id), needs, feeds };
}

/** Node numbers in waves: wave n holds what needs something of wave n - 1 and nothing later. Nodes on or behind a cycle are missing. */
export function waves(graph: StageGraph): readonly (readonly number[])[] {
  const open = graph.needs.map((needs) => needs.length);
  const result: number[][] = [];
  let wave: number[] = [];
  for (const [node, count] of open.entries()) if (count === 0) wave.push(node);
  while (wave.length > 0) {
    result.push(wave);
    const next: number[] = [];
    for (const node of wave) {
      for (const after of graph.feeds[node] ?? []) {
        const left = (open[after] ?? 0) - 1;
        open[after] = left;
        if (left === 0) next.push(after);
      }
    }
    wave = next.sort((a, b) => a - b);
  }
  return result;
}

/** Ids so that each comes after all it needs; by depth, then by code unit of the id. Undefined when there is a cycle. */
export function topologicalOrder(graph: StageGraph): readonly string[] | undefined {
  const order: string[] = [];
  for (const wave of waves(graph)) for (const node of wave) order.push(graph.ids[node] ?? '');
  return order.length === graph.ids.length ? order : undefined;
}

/**
 * One cycle of which no node can be left out, as ids in the direction of `needs`, beginning with the smallest id; or
 * undefined. Iterative and linear: safe for chains of any length.
 */
export function findCycle(graph: StageGraph): readonly string[] | undefined {
  const stuck = new Set(graph.ids.keys());
  for (const wave of waves(graph)) for (const node of wave) stuck.delete(node);
  const first = stuck.values().next().value;
  if (first === undefined) return undefined;
  const cycle = withoutShortcuts(graph, shortestThrough(graph, stuck, onSomeCycle(graph, stuck, first)));
  let smallest = 0;
  for (const [index, node] of cycle.entries()) if (node < (cycle[smallest] ?? 0)) smallest = index;
  return [...cycle.slice(smallest), ...cycle.slice(0, smallest)].map((node) => graph.ids[node] ?? '');
}

// Every node that the waves did not reach needs another such node: following those must come back.
function onSomeCycle(graph: StageGraph, stuck: ReadonlySet<number>, first: number): number {
  const seen = new Set<number>();
  let node = first;
  while (!seen.has(node)) {
    seen.add(node);
    node = (graph.needs[node] ?? []).find((need) => stuck.has(need)) ?? node;
  }
  return node;
}

// Breadth first along `needs` from the node back to itself.
function shortestThrough(graph: StageGraph, stuck: ReadonlySet<number>, start: number): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const need of graph.needs[node] ?? []) {
      if (need === start) return pathTo(cameFrom, start, node);
      if (!stuck.has(need) || cameFrom.has(need)) continue;
      cameFrom.set(need, node);
      queue.push(need);
    }
  }
  return [start];
}

function pathTo(cameFrom: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const path = [end];
  for (let node = end; node !== start; ) {
    node = cameFrom.get(node) ?? start;
    path.push(node);
  }
  return path.reverse();
}

// A shortest cycle through one node has no shortcut forwards; an edge back within it closes a smaller one.
function withoutShortcuts(graph: StageGraph, cycle: readonly number[]): readonly number[] {
  const position = new Map(cycle.map((node, index) => [node, index]));
  let best = { from: 0, to: cycle.length - 1 };
  for (const [to, node] of cycle.entries()) {
    for (const need of graph.needs[node] ?? []) {
      const from = position.get(need);
      if (from !== undefined && from <= to && to - from < best.to - best.from) best = { from, to };
    }
  }
  return cycle.slice(best.from, best.to + 1);
}
