import type { KeyObject } from 'node:crypto';
import { canonicalJson, digestOf } from '../../../core/canonical.ts';
import { pae, signBytes, verifyBytes } from '../../../core/dsse.ts';
import { type Digest, isDigest } from '../../../core/ids.ts';
import type { Result } from '../../../core/result.ts';
import type { ActionRecord } from '../../ports.ts';

const PAYLOAD_TYPE = 'application/vnd.secplan.action.v1+json';

/** A record as a DSSE envelope. Its blobs need no signature: it names each by its digest. */
export function signedEntry(record: ActionRecord, key: KeyObject): string {
  const payload = Buffer.from(canonicalJson(record), 'utf8');
  const sig = signBytes(key, pae(PAYLOAD_TYPE, payload)).toString('base64');
  const signatures = [{ keyid: '', sig }];
  return JSON.stringify({ payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures });
}

/**
 * The record that somebody with one of the keys signed under this name; else, in words, why there is none. A record
 * that was signed for another key is no answer to this one, however genuine.
 */
export function openEntry(
  text: string,
  key: Digest,
  trusted: readonly KeyObject[],
): Result<{ readonly record: ActionRecord }, { readonly why: string }> {
  const no = (why: string) => ({ ok: false, why }) as const;
  let record: unknown;
  let signer: KeyObject | undefined;
  try {
    const { payload, payloadType, signatures } = JSON.parse(text) as Record<string, unknown>;
    const sig = (signatures as readonly { readonly sig?: unknown }[] | undefined)?.[0]?.sig;
    if (payloadType !== PAYLOAD_TYPE || typeof payload !== 'string' || typeof sig !== 'string')
      return no('it is not signed');
    const bytes = Buffer.from(payload, 'base64');
    const signed = pae(PAYLOAD_TYPE, bytes);
    signer = trusted.find((one) => verifyBytes(one, signed, Buffer.from(sig, 'base64')));
    if (signer === undefined) return no('its signature is not from a trusted key');
    record = JSON.parse(bytes.toString('utf8'));
  } catch {
    return no('it is not a cache entry');
  }
  const { schema, key: own } = record as Partial<ActionRecord>;
  if (schema !== 'https://secplan.dev/schema/action/v1') return no('it has another format version');
  if (own !== key) return no('it was signed for another key');
  return isWhole(record as Partial<ActionRecord>)
    ? { ok: true, record: { ...(record as ActionRecord), sharedBy: fingerprint(signer) } }
    : no('it lacks parts of a cache entry');
}

/** As `openssl pkey -pubin -outform DER | sha256sum` gives it. */
function fingerprint(key: KeyObject): Digest {
  return digestOf(key.export({ type: 'spki', format: 'der' }));
}

/** A genuine signature vouches for who wrote it, not for their having written it well: its digests become names of files. */
function isWhole({ stage, parts, steps, sourceRoot, outputs }: Partial<ActionRecord>): boolean {
  if (typeof stage !== 'string' || typeof sourceRoot !== 'string' || !Array.isArray(steps)) return false;
  if (typeof parts !== 'object' || typeof outputs !== 'object' || outputs === null) return false;
  return Object.values(outputs).every(
    (output) => typeof output === 'object' && isDigest(output.digest) && Number.isSafeInteger(output.size),
  );
}
