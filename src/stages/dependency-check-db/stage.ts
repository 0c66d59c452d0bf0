import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import {
  DEPENDENCY_CHECK_PROVIDERS,
  engineStep,
} from '../families/dependency-check/dependency-check-providers.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'dependency-check-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'NVD, as Dependency-Check keeps it',
    homepage: 'https://dependency-check.github.io/DependencyCheck/data/index.html',
    license: 'LicenseRef-NVD-public-domain',
    status: 'active',
  },
  providers: DEPENDENCY_CHECK_PROVIDERS,
  requires: { target: 'none', network: { egress: ['services.nvd.nist.gov', 'www.cisa.gov'] } },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stdout',
      pattern: '^\\[ERROR\\] |UpdateException|DatabaseException',
      meaning: 'Dependency-Check could not fetch its data',
    },
  ],
  assets: { engine: 'src/stages/families/dependency-check/assets' },
  // Without a key of the NVD, which a target's secret cannot hand over, its interface answers slowly.
  timeoutMs: 3_600_000,
  expectedMs: 900_000,
  resources: { cpus: 1, memoryMb: 3072 },
  severities: {},
  options,
  steps: ({ args, provider }) => [
    provider.kind === 'maven'
      ? engineStep('update', ['update', { at: 'out', sub: 'db' } as const, ...args])
      : {
          id: 'update',
          argv: [
            ...['dependency-check.sh', '--updateonly', '--data', { at: 'out', sub: 'db' } as const],
            ...['--disableVersionCheck', '--disableHostedSuppressions', '--disableRetireJS'],
            ...args,
          ],
          env: { JAVA_OPTS: '-Djava.io.tmpdir=/tmp -Duser.home=/tmp/home' },
          // 8 and 9 are updates that failed.
          exits: { '0': 'ok' },
        },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const whole = tree.list.files.filter(({ path, size }) => path === 'odc.mv.db' && size > 0);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: { count: whole.length, unit: 'files', evidence: 'odc.mv.db that was written' },
    };
  },
});
