import { type KeyObject, sign, verify } from 'node:crypto';

/** Pre-authentication encoding of DSSE v1.0 (secure-systems-lab/dsse, protocol.md): the bytes that are signed. */
export function pae(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

/** ECDSA over SHA-256 in DER, or Ed25519. */
export function signBytes(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key);
}

/** Whether a signature of either kind is of these bytes; false for whatever is none. */
export function verifyBytes(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key, signature);
  } catch {
    return false;
  }
}
