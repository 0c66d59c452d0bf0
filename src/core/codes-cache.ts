import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of where results are kept: the machine's cache, one that machines share, the export folder. */
export const CACHE_CODES = {
  SP5080: entry(
    'warning',
    'shared cache entry refused',
    'An entry of the shared cache is not signed by a trusted key, was signed for another stage, or was altered. secplan treats it as a cache miss and runs the scanner. If you do not know the cause, somebody may have tried to plant a result: check who can write to the store, and delete the entry.',
  ),
  SP5081: entry(
    'warning',
    'shared cache not used',
    'The shared cache could not be reached, refused access, or took longer than `cache.remote.timeout`. The run continues without it; the verdict and the exit code do not change.',
  ),
  SP5082: entry(
    'error',
    'shared cache not usable',
    'cache.remote needs credentials, which come from declared secrets only, or a trusted key. Add what the message names.',
  ),
  SP5083: entry(
    'error',
    'signing key of the shared cache unusable',
    'The secret is not a private key that can sign cache entries (EC P-256 or Ed25519, as PKCS#8, SEC 1 or cosign key), or its password is missing or wrong. No scanner was started.',
  ),
  SP5084: entry(
    'note',
    'shared cache is read-only',
    'This run reads the shared cache but does not write to it: the secret with the signing key is missing, or this is a pull request without --trusted.',
  ),
  SP5085: entry(
    'error',
    'cache folder is tracked by git',
    'The cache folder is in the workspace and git tracks files in it or above it. A commit could then plant scan results. No scanner was started.',
  ),
  SP5086: entry(
    'error',
    'cache folder open to others',
    'The cache folder belongs to another user, or every user may write to it. Anyone who can write there could plant scan results. No scanner was started.',
  ),
  SP5087: entry(
    'warning',
    'results of earlier runs not used',
    "Entries of the cache are sealed with a key in the user's state folder ($XDG_STATE_HOME/secplan, else ~/.local/state/secplan). There is no such folder that is yours alone and outside the workspace, so this run uses nothing from the cache that an earlier run left.",
  ),
  SP5088: entry(
    'error',
    'export folder refused',
    'A file has the place of the export folder, or the export folder is reached through a symbolic link of the workspace, git tracks files in it, or its `latest` is not a symbolic link: the scanned tree would decide where bundles go or bring along its own. No bundle was written or read. Choose another folder with `--export-dir`. A command that you give the path of a bundle reads that one.',
  ),
} as const satisfies Record<string, CodeEntry>;
