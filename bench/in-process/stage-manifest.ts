import type { Manifest } from '../../src/compiler/manifest.gen.ts';

export type Shape = 'layers' | 'chain';

/** What stage `index` comes after: in layers, up to three of the hundred before it; in a chain, the one before it. */
export function needsOf(shape: Shape, index: number): readonly number[] {
  if (shape === 'chain') return index === 0 ? [] : [index - 1];
  if (index < 100) return [];
  return [...new Set([index - 100, index - 1 - ((index * 7) % 99), index - 1 - ((index * 13) % 99)])];
}

/** A manifest of custom stages only; the same graph for every planner that is measured. */
export function stageManifest(count: number, shape: Shape): Manifest {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const custom = Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        command: ['cat', `${name}.json`],
        inputs: [`packages/${name}/**`],
        report: 'sarif',
        needs: needsOf(shape, index).map((need) => `s${need}`),
      },
    ]),
  );
  return {
    apiVersion: 'secplan/v1',
    metadata: { name: 'bench' },
    targets: { source: { path: '.' } },
    tools: { custom },
    profiles: { bench: { tools: { enable: names } } },
  } as unknown as Manifest;
}
