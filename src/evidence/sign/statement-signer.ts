import type { KeyObject } from 'node:crypto';

/** What a signer gives back for the bytes it was given. */
export interface Signature {
  /** DER for EC keys, 64 bytes for Ed25519. */
  readonly signature: Buffer;
  /** The certificate that the signature verifies with, PEM; absent where a key of the reader's own does. */
  readonly certificate?: string;
}

/** Something that signs statements. Keys stay inside. */
export interface StatementSigner {
  /** For people, without a value of any secret: `key COSIGN_KEY`. */
  readonly about: string;
  /** Known where the private half is. */
  readonly publicKey: KeyObject | null;
  /** Signs the pre-authentication encoding. @throws SigningError */
  sign(pae: Buffer, signal: AbortSignal): Promise<Signature>;
}

/** Why a signature could not be had, in words fit for a report; never holds key, password or token. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
}
