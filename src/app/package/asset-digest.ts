import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, digestOf, digestOfJson } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';
import { packageRoot } from './package-root.ts';

const known = new Map<string, Digest>();

/** sha256 of a file of the package, or over names and contents of a folder; read once a process. */
export function assetDigest(path: string): Digest {
  const before = known.get(path);
  if (before !== undefined) return before;
  const digest = digestAt(join(packageRoot(), path));
  known.set(path, digest);
  return digest;
}

function digestAt(path: string): Digest {
  if (!statSync(path).isDirectory()) return digestOf(readFileSync(path));
  const names = readdirSync(path).sort(byCodeUnit);
  return digestOfJson(names.map((name) => [name, digestAt(join(path, name))]));
}
