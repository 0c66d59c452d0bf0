import { byCodeUnit } from '../core/canonical.ts';
import type { LockedProvider, ReleaseFile } from './lock-types.ts';

/** The key of files that fit every machine: Java, PHP, scripts. */
const ANY = 'any';
/** A hash that one source alone publishes is used where a manifest names the provider, never unasked. */
const ENOUGH_SOURCES = 2;

/** The file of a release for one machine, `<os>-<arch>`; undefined where the project releases none. */
export function releaseFileFor(
  { files }: Pick<LockedProvider, 'files'>,
  machine: string,
): ReleaseFile | undefined {
  return files?.[machine] ?? files?.[ANY];
}

/**
 * The machines that a release is for, sorted; `any` stands for all. Those whose hash one source alone publishes are left
 * out unless the manifest names the provider. Undefined for what is no release: it is for every machine.
 */
export function releasePlatforms(
  { kind, files = {} }: Pick<LockedProvider, 'kind' | 'files'>,
  named: boolean,
): readonly string[] | undefined {
  if (kind !== 'release') return undefined;
  return Object.entries(files)
    .filter(([, { sources = ENOUGH_SOURCES }]) => named || sources >= ENOUGH_SOURCES)
    .map(([machine]) => machine)
    .toSorted(byCodeUnit);
}

/** Whether a provider's machines hold this one. */
export function isForMachine(platforms: readonly string[] | undefined, machine: string): boolean {
  return platforms === undefined || platforms.includes(machine) || platforms.includes(ANY);
}
