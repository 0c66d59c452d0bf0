import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of the cache that machines share. */
export const CACHE_CODES = {
  SP5080: entry(
    'warning',
    'shared cache entry refused',
    'An entry of the shared cache was not signed by a key that is trusted, was signed for another stage, or was altered since. It is a miss and the scanner runs. Where nobody knows why, somebody may have tried to pass a result off as yours: look at who can write to the store, and delete the entry named.',
  ),
  SP5081: entry(
    'warning',
    'shared cache not used',
    'The shared cache could not be reached, refused us, or took longer than `cache.remote.timeout`. The run goes on without it; verdict and exit code do not change.',
  ),
  SP5082: entry(
    'error',
    'shared cache not usable',
    'cache.remote lacks what it cannot work without: credentials, which come from declared secrets only, or a key whose entries are trusted.',
  ),
  SP5083: entry(
    'error',
    'signing key of the shared cache unusable',
    'The secret is no private key that entries are signed with (EC P-256 or Ed25519, as PKCS#8, SEC 1 or cosign key), or its password is missing or wrong. Nothing was started.',
  ),
  SP5084: entry(
    'note',
    'shared cache only read',
    'This run takes results from the shared cache and leaves none there: the secret with the signing key is not there, or it is a pull request without --trusted.',
  ),
  SP5085: entry(
    'error',
    'cache folder came with the repository',
    'The cache folder lies in the workspace and git tracks something in it, or on the way to it. Results in it would be whatever a commit says they are. Nothing was started.',
  ),
} as const satisfies Record<string, CodeEntry>;
