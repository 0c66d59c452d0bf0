import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { DEPENDENCY_CHECK_PROVIDERS } from '../families/dependency-check/dependency-check-providers.ts';

export const options = z.object({
  /** Also what its project holds for experimental: Python, Ruby, Go, PHP, Swift, CMake. Finds more that is wrong. */
  experimental: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'dependency-check',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'OWASP Dependency-Check',
    homepage: 'https://dependency-check.github.io/DependencyCheck/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: DEPENDENCY_CHECK_PROVIDERS,
  requires: {
    target: 'source',
    // What its analyzers read. It does not look for a suppression file by default.
    selection: {
      include: [
        '**/*.{jar,war,ear,aar,sar,zip,apk,nupkg,egg,whl,rpm,tar,gz,tgz,bz2}',
        '**/{package.json,package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,libman.json}',
        '**/*.{dll,exe,nuspec,csproj,vbproj}',
        '**/{packages.config,Directory.Build.props,Directory.Packages.props,opensslv.h}',
        '**/{pom.xml,go.mod,composer.lock,Pipfile,Pipfile.lock,poetry.lock,requirements*.txt,setup.py}',
        '**/{Package.swift,Package.resolved,Podfile,Podfile.lock,Cartfile.resolved,pubspec.lock,pubspec.yaml}',
        '**/{CMakeLists.txt,*.cmake,configure,configure.ac,configure.in,cpanfile,maven_install.json}',
        '**/{*.gemspec,Gemfile.lock,mix.lock,METADATA,PKG-INFO}',
      ],
    },
    // The rest of it is read with the experimental option alone, beside one of these: by itself it would be nothing looked at.
    appliesIf: [
      // An archive of no such kind may hold nothing of it: an image, say.
      '**/*.{jar,war,ear,aar,sar,apk,nupkg,rpm,nuspec,csproj,vbproj}',
      '**/{package-lock.json,npm-shrinkwrap.json,libman.json,packages.config,opensslv.h}',
      '**/{Directory.Build.props,Directory.Packages.props}',
    ],
    // H2 locks and writes its file even to read it.
    consumes: [{ name: 'db', type: 'database', from: 'dependency-check-db', writable: true }],
  },
  outputs: [
    {
      name: 'report',
      type: 'json',
      mediaType: 'application/json',
      file: 'dependency-check-report.json',
    },
  ],
  faults: [
    {
      in: 'stdout',
      pattern: '^\\[ERROR\\] |NoDataException|DatabaseException',
      meaning: 'Dependency-Check reports an error, or that it has no data',
    },
  ],
  assets: { engine: 'src/stages/families/dependency-check/assets' },
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 2, memoryMb: 3072 },
  // Its own word: CVSS version 4, 3 or 2, or what the advisory's database calls it.
  severities: {
    critical: 'critical',
    highest: 'critical',
    high: 'high',
    moderate: 'medium',
    medium: 'medium',
    low: 'low',
    none: 'info',
    info: 'info',
    informational: 'info',
    unknown: 'medium',
    // Levels of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
  },
};
