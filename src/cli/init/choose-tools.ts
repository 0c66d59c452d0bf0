import { BUILT_IN_PROFILES } from '../../compiler/names/profiles.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import type { Trait } from './look-around.ts';

/** A scanner that the new manifest adds to the light profile. */
export interface ChosenTool {
  readonly id: string;
  /** Why, for a comment. */
  readonly because: string;
  /** It looks at an `iac` target, which the manifest then needs. */
  readonly iac: boolean;
}

/** A scanner of the light profile that only a third party packages: the manifest has to name the provider. */
export interface OptIn {
  readonly id: string;
  readonly provider: string;
  readonly thirdParty: string;
}

const WANTED: readonly (readonly [id: string, traits: readonly string[]])[] = [
  ['flawfinder', ['C or C++']],
  ['checkov', ['Dockerfile', 'Terraform', 'GitHub workflow']],
  ['syft', ['dependency list']],
];

/** Scanners of this version that fit what is here and that the light profile does not hold. */
export function chooseTools(
  traits: readonly Trait[],
  git: boolean,
  catalogue: Catalogue,
): readonly ChosenTool[] {
  const light = new Set(BUILT_IN_PROFILES.get('light')?.enable);
  const chosen = WANTED.flatMap(([id, names]) => {
    const entry = catalogue.get(id);
    const trait = traits.find(({ name }) => names.includes(name));
    if (entry === undefined || trait === undefined || light.has(id)) return [];
    // Enabled without an opt-in it could never run.
    if (entry.providers.every((provider) => provider.thirdParty !== undefined)) return [];
    const because = trait.files === 1 ? trait.example : `${trait.files} files like ${trait.example}`;
    return [{ id, because: `${trait.name}: ${because}`, iac: entry.requires.target === 'iac' }];
  });
  const gitleaks = catalogue.get('gitleaks');
  if (git && gitleaks?.providers.some((provider) => provider.thirdParty === undefined)) {
    chosen.push({ id: 'gitleaks', because: 'secrets, as a second opinion', iac: false });
  }
  return chosen;
}

/** Scanners of the light profile whose own project has nothing that the lock pins, while a third party has. */
export function optIns(catalogue: Catalogue, lock: ToolsLock): readonly OptIn[] {
  return (BUILT_IN_PROFILES.get('light')?.enable ?? []).flatMap((id) => {
    const pinned = (catalogue.get(id)?.providers ?? []).filter(
      ({ runtime, name }) => runtime === 'local' && lock.tools[id]?.[name] !== undefined,
    );
    const [first] = pinned;
    if (first?.thirdParty === undefined || pinned.some(({ thirdParty }) => thirdParty === undefined))
      return [];
    return [{ id, provider: first.name, thirdParty: first.thirdParty }];
  });
}
