import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { OSV_PROVIDERS } from '../families/osv/osv-providers.ts';
import { sarifVariant } from '../formats/variants.ts';
import { earlier, readOsv, sanitizeOsv } from './output.ts';

const options = z.object({});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'osv-scanner',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'OSV-Scanner',
    homepage: 'https://google.github.io/osv-scanner/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: OSV_PROVIDERS,
  requires: {
    target: 'source',
    // An osv-scanner.toml, which could leave advisories and packages out, is not among the files that it sees.
    selection: {
      include: [
        '**/{package-lock.json,pnpm-lock.yaml,yarn.lock,bun.lock}',
        '**/requirements*.txt',
        '**/{poetry.lock,Pipfile.lock,pdm.lock,uv.lock,pylock.toml}',
        '**/{go.mod,Cargo.lock,composer.lock,Gemfile.lock,gems.locked,mix.lock,pubspec.lock}',
        '**/{pom.xml,gradle.lockfile,buildscript-gradle.lockfile}',
        '**/gradle/verification-metadata.xml',
        '**/{packages.lock.json,packages.config,conan.lock,renv.lock,cabal.project.freeze,stack.yaml.lock}',
        '**/*.{spdx.json,cdx.json,spdx,cdx.xml,deps.json}',
        '**/{bom.json,bom.xml}',
      ],
      exclude: ['**/node_modules/**', '**/vendor/**'],
    },
    consumes: [{ name: 'db', type: 'database', from: 'osv-db' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'osv.json' }],
  faults: [
    {
      in: 'stderr',
      pattern:
        '^(?:could not load db for |panic: |Error during extraction: |Attempted to (?:scan|parse) .* but )',
      meaning: 'OSV-Scanner reports that it lacks a database, or an error of its own',
    },
  ],
  timeoutMs: 300_000,
  expectedMs: 5_000,
  resources: { cpus: 2, memoryMb: 3072 },
  // Rated by the score that it works out of CVSS v2, v3 and v4; where an advisory has none, by the word of its database.
  severities: {
    critical: 'critical',
    high: 'high',
    moderate: 'medium',
    medium: 'medium',
    low: 'low',
    // A package that was published to do harm.
    malicious: 'critical',
    // Levels of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
  },
  options,
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: [
        ...['osv-scanner', 'scan', 'source', '--recursive', '--offline', '--no-ignore', '--no-resolve'],
        // Every package, so that one without an advisory is seen to have been looked up; advisories that it holds for minor, too.
        ...[
          '--all-packages',
          '--all-vulns',
          '--format',
          'json',
          '--output',
          { at: 'out', sub: 'osv.json' } as const,
        ],
        ...args,
        '.',
      ],
      env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: { at: 'artifact', name: 'db' } },
      // 127 where a database lacks, 128 where no file held a package.
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  variants: [earlier, sarifVariant(['osv-scanner'], 'vulnerability')],
  parse: (raw, context) => readOsv(raw.report, context),
  notChecked: () => [
    'packages that only a manifest without a lock file would bring in: nothing is resolved',
    'licences, and whether the flawed code is called',
  ],
  sanitize: (_, text) => sanitizeOsv(text),
});
