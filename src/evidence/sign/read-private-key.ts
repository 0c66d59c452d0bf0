import { createPrivateKey, createPublicKey, type KeyObject, scryptSync } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import * as z from 'zod';
import type { DiagnosticCode } from '../../core/codes.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';

/** cosign's own wrapping; older versions wrote the second name. */
const WRAPPED = /^-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END /;
// A key file is foreign: more work than cosign itself ever asks for is refused.
const wrapped = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({
      N: z
        .number()
        .int()
        .min(2)
        .max(2 ** 18),
      r: z.number().int().min(1).max(16),
      p: z.number().int().min(1).max(4),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: z.base64() }),
  ciphertext: z.base64(),
});
const MAX_CHARS = 16_384;

/** What a key is for, as its diagnostics tell it. */
export interface KeyUse {
  readonly code: DiagnosticCode;
  readonly pointer: string;
  /** Key of the manifest that names its password. */
  readonly password: string;
}

const EVIDENCE: KeyUse = {
  code: 'SP6006',
  pointer: '/evidence/sign/key',
  password: 'evidence.sign.password',
};

/**
 * A private key that signs: EC P-256 or Ed25519 in PEM (PKCS#8, encrypted or not, or SEC 1), or wrapped by cosign.
 * SP6006, or the code of its use, on all else; no diagnostic holds anything of key or password.
 * @param name the secret's name, for people
 */
export function readPrivateKey(
  text: string,
  password: string | undefined,
  name: string,
  use: KeyUse = EVIDENCE,
): Outcome<KeyObject> {
  const refused = (why: string): Outcome<never> => unusable(name, why, use);
  if (text.length > MAX_CHARS) return refused('it is too long to be a key');
  let key: KeyObject;
  try {
    const box = WRAPPED.exec(text.trim());
    if (box !== null) {
      const opened = unwrap(box[1] ?? '', password ?? '');
      if (opened === undefined) return refused(wrongPassword(password));
      key = createPrivateKey({ key: opened, format: 'der', type: 'pkcs8' });
    } else key = createPrivateKey({ key: text, format: 'pem', passphrase: password ?? '' });
  } catch {
    const locked = text.includes('ENCRYPTED');
    return refused(locked ? wrongPassword(password) : 'it is not a PEM private key');
  }
  const kind = `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? ''}`.trim();
  if (kind === 'ec prime256v1' || kind === 'ed25519') return success(key);
  return refused(`keys of type ${kind} are not supported`);
}

/** The public half. */
export function publicHalf(key: KeyObject): KeyObject {
  return createPublicKey(key);
}

function unwrap(base64: string, password: string): Buffer | undefined {
  const { kdf, cipher, ciphertext } = wrapped.parse(
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8')),
  );
  const { N, r, p } = kdf.params;
  const salt = Buffer.from(kdf.salt, 'base64');
  const secret = scryptSync(password, salt, 32, { N, r, p, maxmem: 256 * N * r });
  return openBox(Buffer.from(ciphertext, 'base64'), Buffer.from(cipher.nonce, 'base64'), secret);
}

/** A NaCl secretbox; undefined when the password, and so the key, is wrong. */
function openBox(box: Buffer, nonce: Buffer, secret: Buffer): Buffer | undefined {
  try {
    return Buffer.from(xsalsa20poly1305(secret, nonce).decrypt(box));
  } catch {
    return undefined;
  }
}

function wrongPassword(password: string | undefined): string {
  return password === undefined ? 'it is encrypted, but no password is configured' : 'the password is wrong';
}

function unusable(name: string, why: string, { code, pointer, password }: KeyUse): Outcome<never> {
  return failed([
    diagnostic(code, `the secret ${name} cannot sign: ${why}`, {
      pointer,
      help: `EC P-256 or Ed25519, as PEM or as \`cosign generate-key-pair\` writes it; ${password} names its password.`,
    }),
  ]);
}
