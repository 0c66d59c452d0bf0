import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Categories of license-expression's index that are not reported: obligations that this product can meet. */
  accept: z.array(z.string().min(1).max(60)).default(['Permissive', 'Public Domain', 'CLA']),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'license-audit',
  kind: 'scan',
  category: 'license',
  tool: {
    name: 'license-expression',
    homepage: 'https://github.com/aboutcode-org/license-expression',
    license: 'Apache-2.0',
    status: 'active',
  },
  // The script is ours: what starts is the Python that the library is installed in.
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'license-expression', bin: 'python' }],
  // Nothing of the workspace itself: the bill of materials says what is in it.
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'license-audit.json' }],
  faults: [{ in: 'stderr', pattern: '^(Traceback |error: )', meaning: 'the script failed' }],
  assets: { script: 'src/stages/license-audit/assets/audit.py' },
  timeoutMs: 300_000,
  expectedMs: 1_500,
  resources: { cpus: 1, memoryMb: 512 },
  // By what the licence asks of whoever ships the package; none of them is a flaw of the code.
  severities: {
    'license-commercial': 'high',
    'license-copyleft': 'medium',
    'license-proprietary-free': 'medium',
    'license-free-restricted': 'medium',
    'license-source-available': 'medium',
    'license-copyleft-limited': 'low',
    'license-patent-license': 'low',
    'license-invalid': 'low',
    'license-unknown': 'low',
    'license-undeclared': 'low',
  },
};
