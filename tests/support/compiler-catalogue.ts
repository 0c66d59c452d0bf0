import { CUSTOM_TOOLS } from '../../src/compiler/names/custom-tools.ts';
import type { Catalogue, CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { TargetKind } from '../../src/stages/contract/target.ts';
import { fakeEntry, fakeScanner } from './fake-scanner.ts';

/** A catalogue of scanners that nothing can run: what resolving needs to know of them. */
export function fakeCatalogue(
  ids: readonly string[] = DEFAULT_IDS,
  targets: Readonly<Record<string, TargetKind>> = {},
): Catalogue {
  return new Map(ids.map((id) => [id, entryOf(id, targets[id] ?? 'source')]));
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

function entryOf(id: string, target: TargetKind): CatalogueEntry {
  const never = () => Promise.reject(new Error('a fake is never loaded'));
  return fakeEntry(
    fakeScanner(id, {
      providers: [],
      requires: { target },
      ...(id === CUSTOM_TOOLS ? { userDefined: true as const } : {}),
    }),
    {
      command: never,
      report: never,
    },
  );
}
