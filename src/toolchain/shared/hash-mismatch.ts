/** What uv and pip say when a download does not have a pinned hash. */
export const HASH_MISMATCH =
  /hash mismatch|do not match the hashes|doesn't match any of the expected hashes/i;
