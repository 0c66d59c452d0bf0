import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the secplan package, which holds schema/, rules/, assets/ and tools.lock.json: the same from source and
 * from the bundle.
 * @throws Error when the installation is not whole.
 */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'tools.lock.json')) && existsSync(join(folder, 'schema'))) return folder;
    if (folder === dirname(folder))
      throw new Error('the secplan package is not whole: tools.lock.json and schema/ are missing');
  }
}
