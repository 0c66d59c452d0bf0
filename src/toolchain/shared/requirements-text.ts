import type { LockedPackage } from '../../lock/lock-types.ts';

/** Locked packages as pip's requirements format, every hash included. */
export function requirementsText(packages: readonly LockedPackage[]): string {
  return packages
    .map((item) => {
      const marker = item.marker === undefined ? '' : ` ; ${item.marker}`;
      const hashes = item.hashes.map((hash) => ` \\\n    --hash=${hash}`).join('');
      return `${item.name}==${item.version}${marker}${hashes}\n`;
    })
    .join('');
}
