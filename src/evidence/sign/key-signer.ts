import { type KeyObject, sign } from 'node:crypto';
import { publicHalf } from './read-private-key.ts';
import type { StatementSigner } from './statement-signer.ts';

/** Signs with a key in memory: ECDSA over SHA-256 in DER, or Ed25519. */
export function keySigner(key: KeyObject, name: string): StatementSigner {
  return {
    about: `key ${name}`,
    publicKey: publicHalf(key),
    async sign(pae) {
      return { signature: signWith(key, pae) };
    },
  };
}

export function signWith(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key);
}
