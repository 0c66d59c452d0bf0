import { createRequire } from 'node:module';
import { needsOf, type Shape } from './stage-manifest.ts';

// node bench/in-process/peer-graph.ts map|graphlib COUNT SHAPE -> {"ms": …, "order": …}: builds the graph and sorts it.
const [peer = 'map', count = '1000', shape = 'layers'] = process.argv.slice(2);
const total = Number(count);
const name = (index: number): string => `s${index}`;
const graphlib = createRequire(import.meta.url)('@dagrejs/graphlib');
const start = performance.now();
const order = peer === 'map' ? byMap() : byGraphlib();
console.log(JSON.stringify({ ms: performance.now() - start, order }));

/** Kahn's algorithm over a Map of sets: the least that a planner does. */
function byMap(): number {
  const needs = new Map<string, Set<string>>();
  const feeds = new Map<string, Set<string>>();
  for (let index = 0; index < total; index += 1) {
    needs.set(name(index), new Set(needsOf(shape as Shape, index).map(name)));
    feeds.set(name(index), new Set());
  }
  for (const [node, before] of needs) for (const need of before) feeds.get(need)?.add(node);
  const left = new Map([...needs].map(([node, before]) => [node, before.size]));
  const ready = [...left].filter(([, open]) => open === 0).map(([node]) => node);
  let done = 0;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done += 1;
    for (const after of feeds.get(node) ?? []) {
      const open = (left.get(after) ?? 0) - 1;
      left.set(after, open);
      if (open === 0) ready.push(after);
    }
  }
  return done;
}

function byGraphlib(): number {
  const graph = new graphlib.Graph({ directed: true });
  for (let index = 0; index < total; index += 1) graph.setNode(name(index));
  for (let index = 0; index < total; index += 1) {
    for (const need of needsOf(shape as Shape, index)) graph.setEdge(name(need), name(index));
  }
  return graphlib.alg.topsort(graph).length;
}
