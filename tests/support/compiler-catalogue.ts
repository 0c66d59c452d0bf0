import { digest } from '../../src/core/ids.ts';
import type { Catalogue, CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { TargetKind } from '../../src/stages/contract/target.ts';

/** A catalogue of scanners that nothing can run: what resolving needs to know of them. */
export function fakeCatalogue(
  ids: readonly string[] = DEFAULT_IDS,
  targets: Readonly<Record<string, TargetKind>> = {},
): Catalogue {
  return new Map(ids.map((id) => [id, fakeEntry(id, targets[id] ?? 'source')]));
}

const DEFAULT_IDS = [
  'bandit',
  'checkov',
  'detect-secrets',
  'flawfinder',
  'gitleaks',
  'opengrep',
  'ruff',
  'syft',
  'trivy-fs',
] as const;

function fakeEntry(id: string, target: TargetKind): CatalogueEntry {
  return {
    id,
    kind: 'scan',
    category: 'sast',
    tool: { name: id, homepage: 'https://example.org', license: 'MIT', status: 'active' },
    providers: [],
    requires: { target },
    outputs: [],
    faults: [],
    timeoutMs: 1000,
    expectedMs: 100,
    resources: { cpus: 1, memoryMb: 64 },
    severities: {},
    definitionDigest: digest(`sha256:${'0'.repeat(64)}`),
    optionDefaults: {},
    commands: () => Promise.reject(new Error('a fake is never loaded')),
    load: () => Promise.reject(new Error('a fake is never loaded')),
  };
}
