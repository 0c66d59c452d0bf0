import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { GRYPE_PROVIDERS } from '../families/grype/grype-providers.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'grype-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'Grype database',
    homepage: 'https://github.com/anchore/grype-db',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: GRYPE_PROVIDERS,
  requires: { target: 'none', network: { egress: ['grype.anchore.io'] } },
  outputs: [
    {
      name: 'db',
      type: 'database',
      mediaType: 'application/octet-stream',
      file: 'db',
      tree: true,
      // The time of the update: the same database fetched again would be another to all that read it.
      without: ['last_update_check'],
    },
  ],
  faults: [
    {
      in: 'stderr',
      pattern:
        '^(?:\\[\\d+\\])?\\s*(?:ERROR|FATAL)\\b|^panic: |unable to (?:check for|update|activate|download) (?:new )?vulnerability database',
      meaning: 'Grype could not fetch its database',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities: {},
  options,
  steps: ({ args }) => [
    {
      id: 'update',
      argv: ['grype', 'db', 'update', ...args],
      env: { GRYPE_DB_CACHE_DIR: { at: 'out', sub: 'db' }, GRYPE_CHECK_FOR_APP_UPDATE: 'false' },
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    // `6/vulnerability.db` and, beside it, the digest that Grype holds it against.
    const folders = tree.list.files.filter(
      ({ path, size }) => /^\d{1,3}\/vulnerability\.db$/.test(path) && size > 0,
    );
    const whole = folders.filter(({ path }) =>
      tree.list.files.some((other) => other.path === path.replace('vulnerability.db', 'import.json')),
    );
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: whole.length, unit: 'files', evidence: 'vulnerability.db with its import.json' },
    };
  },
});
