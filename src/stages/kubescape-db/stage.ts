import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({});

/** What a scan reads beside the frameworks; it fetches whichever is missing. */
const NEEDED: ReadonlySet<string> = new Set([
  'attack-tracks.json',
  'controls-inputs.json',
  'exceptions.json',
]);

export const stage = defineStage<z.infer<typeof options>>({
  id: 'kubescape-db',
  kind: 'database',
  category: 'kubernetes',
  tool: {
    name: 'Kubescape controls',
    homepage: 'https://github.com/kubescape/regolibrary',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'kubescape/kubescape', bin: 'kubescape' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kubescape', bin: 'kubescape' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'quay.io/kubescape/kubescape-cli',
      bin: 'kubescape',
    },
  ],
  // Releases of its library of controls, and where their files are kept.
  requires: {
    target: 'none',
    network: {
      egress: ['github.com', 'objects.githubusercontent.com', 'release-assets.githubusercontent.com'],
    },
  },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '"level":"(error|fatal)"|^(Error|panic): |^\\[(error|fatal)\\]|error downloading',
      meaning: 'Kubescape could not fetch its controls',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 15_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: {},
  options,
  steps: ({ args }) => [
    {
      id: 'download',
      argv: [
        ...['kubescape', 'download', 'artifacts', '--output', { at: 'out', sub: 'db' } as const],
        ...['--logger', 'warning', '--cache-dir', { at: 'tmp', sub: 'kubescape' } as const],
        ...args,
      ],
      env: { KS_SKIP_UPDATE_CHECK: 'true' },
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const files = tree.list.files.filter(({ path, size }) => path.endsWith('.json') && size > 2);
    const whole = [...NEEDED].every((name) => files.some(({ path }) => path === name));
    const frameworks = files.filter(({ path }) => !NEEDED.has(path));
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: {
        count: whole ? frameworks.length : 0,
        unit: 'files',
        evidence: 'frameworks that were written, with attack tracks, inputs and exceptions beside them',
      },
    };
  },
});
