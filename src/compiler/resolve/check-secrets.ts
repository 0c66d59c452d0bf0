import type { Manifest } from '../manifest.gen.ts';
import { checkSecret, type KnownNames } from '../names/known-names.ts';
import { matchingPointers } from '../source/matching-pointers.ts';
import type { Reporter } from '../source/reporter.ts';

/** Where the manifest, but for tools and targets, names a secret. */
const PLACES: readonly (readonly string[])[] = [
  ['evidence', 'sign', 'key'],
  ['evidence', 'sign', 'password'],
  ['evidence', 'sign', 'identity'],
  ['delivery', 's3', '*', 'accessKey'],
  ['delivery', 's3', '*', 'secretKey'],
  ['delivery', 's3', '*', 'sessionToken'],
  ['delivery', 'github', 'token'],
  ['delivery', 'opensearch', 'password'],
  ['delivery', 'opensearch', 'token'],
  ['notify', '*', 'slack'],
  ['notify', '*', 'secret'],
  ['cache', 'remote', 'accessKey'],
  ['cache', 'remote', 'secretKey'],
  ['cache', 'remote', 'sessionToken'],
  ['cache', 'remote', 'token'],
  ['cache', 'remote', 'sign'],
  ['cache', 'remote', 'password'],
  ['runtime', 'managed', 'token'],
];

/** Reports secrets that are used and not declared (SP2013). */
export function checkSecrets(manifest: Manifest, names: KnownNames, out: Reporter): void {
  for (const path of PLACES) {
    for (const [pointer, name] of matchingPointers(manifest, path))
      checkSecret(String(name), pointer, names, out);
  }
}
