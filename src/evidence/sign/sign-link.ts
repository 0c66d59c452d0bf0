import { createHash, type KeyObject } from 'node:crypto';
import { pae } from '../../core/dsse.ts';
import { STATEMENT_MEDIA_TYPE } from '../statement/statement.ts';
import type { StatementSigner } from './statement-signer.ts';

/**
 * A link, given as its step's name and its JSON, as a file's name and text. Signed where the public key is known:
 * in-toto finds links by the key's id.
 * @throws SigningError
 */
export async function linkFile(
  step: string,
  link: string,
  signer: StatementSigner | null,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly text: string }> {
  if (signer?.publicKey == null) {
    return { name: `${step}.link`, text: `{"signatures":[],"signed":${link}}\n` };
  }
  const payload = Buffer.from(link, 'utf8');
  const { signature } = await signer.sign(pae(STATEMENT_MEDIA_TYPE, payload), signal);
  const keyid = inTotoKeyId(signer.publicKey);
  const envelope = {
    payload: payload.toString('base64'),
    payloadType: STATEMENT_MEDIA_TYPE,
    signatures: [{ keyid, sig: signature.toString('base64') }],
  };
  return {
    name: `${step}.${keyid.slice(0, 8)}.link`,
    text: `${JSON.stringify(envelope, null, 2)}\n`,
  };
}

/** The id that securesystemslib gives a public key: sha256 of its canonical JSON, in which line breaks stay as they are. */
export function inTotoKeyId(key: KeyObject): string {
  const ed25519 = key.asymmetricKeyType === 'ed25519';
  const value = ed25519
    ? Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex')
    : key.export({ type: 'spki', format: 'pem' }).toString();
  const [type, scheme] = ed25519 ? ['ed25519', 'ed25519'] : ['ecdsa', 'ecdsa-sha2-nistp256'];
  const text = `{"keytype":"${type}","keyval":{"public":"${value}"},"scheme":"${scheme}"}`;
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
