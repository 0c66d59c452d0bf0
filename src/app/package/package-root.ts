import { dirname } from 'node:path';
import { packagedLockPath } from '../../lock/read-lock.ts';

/** The folder of the secplan package, which holds schema/, rules/, assets/ and tools.lock.json: the same from source and from the bundle. */
export function packageRoot(): string {
  return dirname(packagedLockPath());
}
