import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readAudit } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Categories of license-expression's index that are not reported: obligations that this product can meet. */
  accept: z.array(z.string().min(1).max(60)).default(['Permissive', 'Public Domain', 'CLA']),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  options,
  steps: ({ args }) => [
    {
      id: 'audit',
      argv: [
        'python',
        '-I',
        { at: 'asset', name: 'script' },
        { at: 'artifact', name: 'sbom' },
        { at: 'out', sub: 'license-audit.json' },
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) => readAudit(raw.report, (context.options as z.infer<typeof options>).accept),
  notChecked: () => ['licences that packages do not declare: no source text is read'],
});
