import { alg, Graph } from '@dagrejs/graphlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle, stageGraph, topologicalOrder } from '../../../src/planner/graph/graph.ts';
import { graphView } from '../../../src/planner/graph/graph-view.ts';
import { context, custom, customTool, model, planned } from '../../support/planner-rig.ts';

const nodes = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }).map((edges) => {
    const needs = Array.from({ length: count }, (): string[] => []);
    for (const [from, to] of edges) needs[from]?.push(`n${to}`);
    return needs.map((list, index) => ({ id: `n${index}`, needs: list }));
  }),
);

describe('stage graph', () => {
  it('agrees with graphlib on what is acyclic, and orders producers first', () => {
    fc.assert(
      fc.property(nodes, (list) => {
        const oracle = new Graph({ directed: true });
        for (const { id } of list) oracle.setNode(id);
        for (const { id, needs } of list) for (const need of needs) oracle.setEdge(need, id);
        const graph = stageGraph(list);
        const order = topologicalOrder(graph);
        expect(order !== undefined).toBe(alg.isAcyclic(oracle));
        expect(findCycle(graph) === undefined).toBe(order !== undefined);
        for (const { id, needs } of order ? list : []) {
          for (const need of needs) expect(order?.indexOf(need)).toBeLessThan(order?.indexOf(id) ?? -1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('names a cycle along real edges of which no node can be left out', () => {
    fc.assert(
      fc.property(nodes, (list) => {
        const cycle = findCycle(stageGraph(list));
        if (cycle === undefined) return;
        const needs = new Map(list.map((node) => [node.id, node.needs]));
        for (const [at, id] of cycle.entries())
          expect(needs.get(id)).toContain(cycle[(at + 1) % cycle.length]);
        for (const left of cycle.length > 1 ? cycle : []) {
          const rest = list.filter(({ id }) => id !== left && cycle.includes(id));
          expect(topologicalOrder(stageGraph(rest))).toBeDefined();
        }
        expect(cycle[0]).toBe([...cycle].sort()[0]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same order and cycle whatever the order of its input', () => {
    fc.assert(
      fc.property(
        nodes.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(topologicalOrder(stageGraph(shuffled))).toEqual(topologicalOrder(stageGraph(list)));
          expect(findCycle(stageGraph(shuffled))).toEqual(findCycle(stageGraph(list)));
        },
      ),
    );
  });

  it('breaks ties by code unit, not by locale', () => {
    const ids = ['b', 'B', 'a', 'Z', 'ä', 'z'];
    expect(topologicalOrder(stageGraph(ids.map((id) => ({ id, needs: [] }))))).toEqual([
      'B',
      'Z',
      'a',
      'b',
      'z',
      'ä',
    ]);
  });

  it('orders a chain of 100,000 and finds a cycle through all of them', () => {
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, n) => ({
      id: `s${n}`,
      needs: n === 0 ? [] : [`s${n - 1}`],
    }));
    expect(topologicalOrder(stageGraph(chain))?.length).toBe(count);
    const closed = chain.map((node, n) => (n === 0 ? { ...node, needs: [`s${count - 1}`] } : node));
    expect(findCycle(stageGraph(closed))?.length).toBe(count);
  });

  it('names a stage that needs itself', () => {
    expect(findCycle(stageGraph([{ id: 'a', needs: ['a'] }]))).toEqual(['a']);
  });

  it('hands a plan to graphlib with the same nodes and edges', () => {
    const plan = planned(model([customTool('one'), customTool('two', ['one'])]), context([custom]));
    const view = graphView(plan);
    expect(view.nodes().sort()).toEqual(['aggregate', 'attest', 'gate', 'one', 'report', 'two']);
    expect(view.hasEdge('one', 'two')).toBe(true);
    expect(alg.isAcyclic(view)).toBe(true);
  });
});
