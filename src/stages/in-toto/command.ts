import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'verify',
      argv: [
        // Isolated: nothing is imported from the tree.
        ...['python', '-I', { at: 'asset', name: 'script' } as const],
        ...[{ at: 'source' } as const, { at: 'out', sub: 'in-toto.json' } as const],
        JSON.stringify({
          layouts: options.layouts,
          keys: options.keys,
          links: options.links ?? null,
          inspections: options.inspections,
          products: options.products,
        }),
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ keys, inspections, products }) => [
    'whether a layout expired after the day of a cached run (each one that verifies has a note with its date)',
    ...(keys.length > 0 ? [] : ['who controls the keys of the layouts, which are beside them (keys option)']),
    ...(inspections
      ? []
      : ['inspections of the layouts, which are commands from the scanned tree (inspections option)']),
    ...(products ? [] : ['files against the products of the last step (products option)']),
  ],
};
