import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'ort',
  kind: 'scan',
  category: 'license',
  tool: {
    name: 'OSS Review Toolkit',
    homepage: 'https://oss-review-toolkit.org/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'oss-review-toolkit/ort', bin: 'ort' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'ort', bin: 'ort' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'ghcr.io/oss-review-toolkit/ort',
      bin: '/opt/ort/bin/ort',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/{package.json,package-lock.json,pnpm-lock.yaml,yarn.lock,bower.json}',
        '**/{pyproject.toml,poetry.lock,Pipfile,Pipfile.lock,setup.py,setup.cfg,requirements*.txt}',
        '**/{go.mod,go.sum,Cargo.toml,Cargo.lock,composer.json,composer.lock,Gemfile,Gemfile.lock,*.gemspec}',
        '**/{pom.xml,build.gradle,build.gradle.kts,settings.gradle,settings.gradle.kts,gradle.lockfile}',
        '**/{pubspec.yaml,pubspec.lock,Podfile,Podfile.lock,conanfile.txt,conanfile.py}',
        '**/*.{csproj,cabal,spdx.yml,spdx.yaml,spdx.json}',
      ],
      // Its own files can leave projects out, and resolve issues and violations away.
      exclude: ['**/.ort.{yml,yaml}', '**/.ort/**', '**/node_modules/**', '**/vendor/**'],
    },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'evaluator/evaluation-result.json' },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^Exception in thread |^(?:Usage|Error): ',
      meaning: 'ORT reports an error',
    },
  ],
  assets: { rules: 'src/stages/ort/assets/rules.kts' },
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 2, memoryMb: 4096 },
  // Its own scale of violations; what an advisor reports is rated by score, and by its words without one.
  severities: {
    error: 'high',
    warning: 'medium',
    hint: 'low',
    critical: 'critical',
    high: 'high',
    moderate: 'medium',
    medium: 'medium',
    low: 'low',
  },
};
