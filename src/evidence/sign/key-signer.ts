import type { KeyObject } from 'node:crypto';
import { signBytes } from '../../core/dsse.ts';
import { publicHalf } from './read-private-key.ts';
import type { StatementSigner } from './statement-signer.ts';

/** Signs with a key in memory: ECDSA over SHA-256 in DER, or Ed25519. */
export function keySigner(key: KeyObject, name: string): StatementSigner {
  return {
    about: `key ${name}`,
    publicKey: publicHalf(key),
    async sign(pae) {
      return { signature: signBytes(key, pae) };
    },
  };
}
