import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { GRYPE_PROVIDERS } from '../families/grype/grype-providers.ts';
import { json, readGrype, sanitizeGrype } from './output.ts';
import { sarif } from './sarif.ts';

const options = z.object({
  /** Also match by CPE where the bill of materials has none for a package: finds more, and more that is wrong. */
  addCpes: z.boolean().default(false),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'grype',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'Grype',
    homepage: 'https://github.com/anchore/grype',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: GRYPE_PROVIDERS,
  // Nothing of the workspace itself, so no .grype.yaml either: the bill of materials says what is in it.
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [
      { name: 'sbom', type: 'cyclonedx', from: 'syft' },
      { name: 'db', type: 'database', from: 'grype-db' },
    ],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'grype.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:\\[\\d+\\])?\\s*(?:ERROR|FATAL)\\b|^panic: ',
      meaning: 'Grype reports an error of its own',
    },
  ],
  assets: { grype: 'src/stages/grype/assets' },
  timeoutMs: 300_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 2048 },
  // Grype's own scale; `unknown` is rated by a CVSS score where the advisory has one.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    negligible: 'info',
    unknown: 'medium',
    // Levels of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
  },
  options,
  steps: ({ options, args }) => [
    {
      id: 'match',
      argv: [
        ...['grype', { at: 'artifact', name: 'sbom', prefix: 'sbom:' } as const],
        // Ours: no rule to ignore anything.
        ...['--config', { at: 'asset', name: 'grype', sub: 'grype.yaml' } as const],
        // -v: the log then says how many packages were matched.
        ...['-v', '--output', 'json', '--file', { at: 'out', sub: 'grype.json' } as const],
        ...(options.addCpes ? ['--add-cpes-if-none'] : []),
        ...args,
      ],
      env: {
        GRYPE_DB_CACHE_DIR: { at: 'artifact', name: 'db' },
        GRYPE_DB_AUTO_UPDATE: 'false',
        // The database's digest is in the cache key; how old it may be is for whoever fetches it to say.
        GRYPE_DB_VALIDATE_AGE: 'false',
        GRYPE_CHECK_FOR_APP_UPDATE: 'false',
      },
      // Without --fail-on its code says nothing of findings; 1 is its own failure.
      exits: { '0': 'ok' },
    },
  ],
  variants: [json, sarif],
  parse: (raw, context) => readGrype(raw.report, context),
  notChecked: () => ['packages that the bill of materials does not list'],
  sanitize: (_, text) => sanitizeGrype(text),
});
