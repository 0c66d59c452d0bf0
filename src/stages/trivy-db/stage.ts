import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({
  /** OCI reference of the database, for a mirror of one's own; absent: Trivy's own. */
  repository: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,300}$/)
    .optional(),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'trivy-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'Trivy database',
    homepage: 'https://github.com/aquasecurity/trivy-db',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'none',
    network: { egress: ['mirror.gcr.io', 'ghcr.io', 'pkg-containers.githubusercontent.com'] },
  },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    { in: 'stderr', pattern: '^\\S+\\s+(FATAL|ERROR)\\s', meaning: 'Trivy could not fetch its database' },
  ],
  timeoutMs: 900_000,
  expectedMs: 30_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: {},
  options,
  steps: ({ options, args }) => [
    {
      id: 'download',
      argv: [
        ...['trivy', 'image', '--download-db-only', '--skip-version-check', '--disable-telemetry'],
        ...(options.repository === undefined ? [] : ['--db-repository', options.repository]),
        ...['--cache-dir', { at: 'out', sub: 'db' } as const],
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const files = tree.list.files.filter(({ path, size }) => path === 'db/trivy.db' && size > 0);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: files.length, unit: 'files', evidence: 'db/trivy.db was written' },
    };
  },
});
