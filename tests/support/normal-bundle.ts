import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { normalize } from '../../src/evidence/golden/normalize.ts';

/** Every file of a bundle after normalisation, by path. */
export function normalBundle(dir: string): Record<string, string> {
  const files = (readdirSync(dir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return Object.fromEntries(
    files.sort().map((path) => {
      const normal = normalize(
        path,
        /(json|sarif)$/.test(path) ? 'application/json' : 'text/plain',
        readFileSync(join(dir, path), 'utf8'),
      );
      return [path, 'text' in normal ? normal.text : normal.kind];
    }),
  );
}
