import { createHash, verify, X509Certificate } from 'node:crypto';
import { isRecord } from '../../../core/is-record.ts';
import type { Envelope, SigstoreBundle } from './attestation.ts';

/**
 * What a bundle contradicts by itself, without any root of trust: an envelope's signature against the certificate that
 * comes with it. `unknown` where the bundle holds no certificate or no envelope. Says nothing of whom to trust.
 */
export function ownSignature(bundle: SigstoreBundle): 'holds' | 'broken' | 'unknown' {
  const der = certificateOf(bundle);
  if (der === undefined || !bundle.dsseEnvelope) return 'unknown';
  try {
    const key = new X509Certificate(Buffer.from(der, 'base64')).publicKey;
    const signed = preAuthenticated(bundle.dsseEnvelope);
    const good = bundle.dsseEnvelope.signatures.some(
      (item) =>
        isRecord(item) &&
        typeof item.sig === 'string' &&
        verify('sha256', signed, key, Buffer.from(item.sig, 'base64')),
    );
    return good ? 'holds' : 'broken';
  } catch {
    return 'unknown';
  }
}

/** DSSE's pre-authentication encoding: what is really signed. */
function preAuthenticated({ payloadType, payload }: Envelope): Buffer {
  const body = Buffer.from(payload, 'base64');
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `;
  return Buffer.concat([Buffer.from(head), body]);
}

function certificateOf({ verificationMaterial: material }: SigstoreBundle): string | undefined {
  const chain = isRecord(material.x509CertificateChain)
    ? material.x509CertificateChain.certificates
    : undefined;
  const leaf: unknown = Array.isArray(chain) ? chain[0] : material.certificate;
  return isRecord(leaf) && typeof leaf.rawBytes === 'string' ? leaf.rawBytes : undefined;
}

/**
 * Whether a log entry's inclusion proof leads from the entry to the root that it names (RFC 9162, section 2.1.3.2).
 * Undefined where there is no proof. Says nothing of who signed that root.
 */
export function inclusionHolds(entry: unknown): boolean | undefined {
  if (!isRecord(entry) || !isRecord(entry.inclusionProof)) return undefined;
  const { logIndex, treeSize, rootHash, hashes } = entry.inclusionProof;
  const body = entry.canonicalizedBody;
  if (typeof body !== 'string' || typeof rootHash !== 'string') return false;
  const path = Array.isArray(hashes) ? hashes.slice(0, 128) : [];
  if (!path.every((hash) => typeof hash === 'string')) return false;
  let node = BigInt(0);
  let last = BigInt(0);
  try {
    node = BigInt(String(logIndex ?? 0));
    last = BigInt(String(treeSize)) - 1n;
  } catch {
    return false;
  }
  if (node < 0n || node > last) return false;
  let hash = sha256(Buffer.from([0]), Buffer.from(body, 'base64'));
  for (const sibling of path) {
    if (last === 0n) return false;
    const other = Buffer.from(sibling, 'base64');
    if (node % 2n === 1n || node === last) {
      hash = sha256(Buffer.from([1]), other, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n];
    } else hash = sha256(Buffer.from([1]), hash, other);
    [node, last] = [node / 2n, last / 2n];
  }
  return last === 0n && hash.equals(Buffer.from(rootHash, 'base64'));
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}
