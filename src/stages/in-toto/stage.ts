import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { readInToto } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Layouts to verify; none: every `*.layout` file. */
  layouts: z.array(workspacePath).default([]),
  /** Public keys (PEM) with each of which the layouts must be signed; none: the `*.pub` files beside a layout. */
  keys: z.array(workspacePath).default([]),
  /** Folder of the links; absent: the layout's own. */
  links: workspacePath.optional(),
  /** Whether the commands that a layout names are run, as `in-toto-verify` does. */
  inspections: z.boolean().default(false),
  /** Whether files of the workspace are held against the products of the last step. */
  products: z.boolean().default(true),
});

type Options = z.infer<typeof options>;

export const stage = defineStage<Options>({
  id: 'in-toto',
  kind: 'scan',
  category: 'trust',
  tool: { name: 'in-toto', homepage: 'https://in-toto.io', license: 'Apache-2.0', status: 'active' },
  // The script is ours and calls what `in-toto-verify` calls: what starts is the Python that in-toto is installed in.
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'in-toto', bin: 'python' }],
  // Any file can be a product.
  requires: { target: 'source', selection: { include: ['**'] }, appliesIf: ['**/*.layout'] },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'in-toto.json' }],
  faults: [{ in: 'stderr', pattern: '^(?:Traceback |in-toto: )', meaning: 'the script failed' }],
  assets: { script: 'src/stages/in-toto/assets/verify.py' },
  timeoutMs: 120_000,
  expectedMs: 1_000,
  resources: { cpus: 1, memoryMb: 256 },
  // It has none. Critical: what was made, or who says so, is not what the layout states; high: nothing proves it;
  // medium: the statement is there, but nobody answers for it or a step says itself that it failed.
  severities: {
    'layout-signature': 'critical',
    'rule-violated': 'critical',
    'product-differs': 'critical',
    'layout-expired': 'high',
    'layout-unsigned': 'high',
    'link-missing': 'high',
    threshold: 'high',
    'inspection-failed': 'high',
    unreadable: 'high',
    'link-unsigned': 'medium',
    'step-failed': 'medium',
    'statement-unsigned': 'medium',
  },
  options,
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
  variants,
  parse: (raw, context) => readInToto(raw.report, context, context.options as Options),
  notChecked: ({ keys, inspections, products }) => [
    'whether a layout expired after the day of a cached run (each one that verifies has a note with its date)',
    ...(keys.length > 0
      ? []
      : ['who holds the keys that the layouts are verified with: they lie beside them (keys option)']),
    ...(inspections ? [] : ['inspections of the layouts: commands of the scanned tree (inspections option)']),
    ...(products ? [] : ['files against the products of the last step (products option)']),
  ],
});
