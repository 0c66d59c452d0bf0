import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** Layouts to verify; none: every `*.layout` file. */
  layouts: z.array(workspacePath).default([]),
  /** Public keys (PEM) with each of which the layouts must be signed; none: the `*.pub` files beside a layout. */
  keys: z.array(workspacePath).default([]),
  /** Folder of the links; absent: the layout's own. */
  links: workspacePath.optional(),
  /** Whether the commands that a layout names are run, as `in-toto-verify` does. */
  inspections: z.boolean().default(false),
  /** Whether to compare files of the workspace with the products of the last step. */
  products: z.boolean().default(true),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
};
