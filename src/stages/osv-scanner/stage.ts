import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { OSV_PROVIDERS } from '../families/osv/osv-providers.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'OSV-Scanner reports an error or a missing database',
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
};
