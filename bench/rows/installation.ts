import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, figure, type Row } from '../row.ts';

/** What an installation may take; MB are of 2^20 bytes. */
const MOST = { packages: 2, MB: 20 } as const;

export const installation: Row = {
  id: 'installation',
  about:
    'What `npm install` of the tarball leaves in an empty folder: packages, and bytes of all files. A count, the same in every run.',
  async measure({ dir, installed }) {
    const lock = JSON.parse(readFileSync(join(dir, 'installed/package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const packages = Object.keys(lock.packages).filter((path) => path !== '').length;
    const bytes = readdirSync(installed.modules, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
    return [count('packages', packages), count('MB', bytes / 2 ** 20)];
  },
};

function count(unit: keyof typeof MOST, value: number): Figure {
  const samples = [{ name: 'secplan.tgz', median: value, min: value, max: value, runs: 1 }];
  return figure(
    `installation, ${unit}`,
    samples,
    { text: `<= ${MOST[unit]} ${unit}`, limit: MOST[unit] },
    unit,
  );
}
