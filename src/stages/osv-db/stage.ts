import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { OSV_PROVIDERS } from '../families/osv/osv-providers.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'osv-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'OSV database',
    homepage: 'https://osv.dev/',
    license: 'CC-BY-4.0',
    status: 'active',
  },
  providers: OSV_PROVIDERS,
  requires: { target: 'none', network: { egress: ['osv-vulnerabilities.storage.googleapis.com'] } },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:could not load db for |panic: )',
      meaning: 'OSV-Scanner could not fetch a database',
    },
  ],
  // One package of each ecosystem: it fetches the databases of those that it meets.
  assets: { sample: 'src/stages/osv-db/assets' },
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 3072 },
  severities: {},
  options,
  steps: ({ args }) => [
    {
      id: 'download',
      argv: [
        ...['osv-scanner', 'scan', 'source', '--recursive', '--no-ignore', '--no-resolve'],
        ...['--offline-vulnerabilities', '--download-offline-databases', '--all-packages'],
        ...['--format', 'json', '--output', { at: 'tmp', sub: 'sample.json' } as const],
        ...args,
        { at: 'asset', name: 'sample' },
      ],
      env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: { at: 'out', sub: 'db' } },
      // 1: the sample has a flaw, which is nobody's.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const whole = tree.list.files.filter(({ path, size }) => /\/all\.zip$/.test(path) && size > 0);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: whole.length, unit: 'files', evidence: 'databases of ecosystems that were written' },
    };
  },
});
