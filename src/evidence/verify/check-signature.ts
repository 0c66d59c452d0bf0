import { createPublicKey, type KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import { diagnostic } from '../../core/diagnostic.ts';
import { pae, verifyBytes } from '../../core/dsse.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';

/** What to check a signature with. */
export interface Trust {
  /** The signer's public key; null where a certificate is to do. */
  readonly key: KeyObject | null;
  readonly root: TrustMaterial | null;
  /** Subject and issuer that a certificate must be of. */
  readonly identity: { readonly subject: string | null; readonly issuer: string | null };
}

interface SigstoreBundle {
  readonly verificationMaterial: {
    readonly publicKey?: object;
    readonly certificate?: object;
    readonly tlogEntries?: readonly unknown[];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
}

/** A public key in PEM: EC P-256 or Ed25519, else SP6021. */
export function readPublicKey(text: string, file: string): Outcome<KeyObject> {
  try {
    // Node would make a public key of a private one; nobody should hand that round.
    if (text.length > 16_384 || text.includes('PRIVATE KEY')) throw new Error('no public key');
    const key = createPublicKey(text);
    const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
    if (kind === 'prime256v1' || kind === 'ed25519') return success(key);
  } catch {
    // Told below.
  }
  return failed([
    diagnostic('SP6021', `${file} is not a public key that secplan can use`, {
      help: 'EC P-256 or Ed25519 in PEM, as `cosign public-key` or `openssl pkey -pubout` writes it.',
    }),
  ]);
}

/**
 * Holds a Sigstore bundle, known to be of its schema, against a statement's bytes. Gives what was not looked at, or
 * SP6014 where the signature is not the statement's or not of whom it should be.
 */
export async function checkSignature(
  file: string,
  value: unknown,
  statement: Buffer,
  trust: Trust,
): Promise<Outcome<readonly string[]>> {
  const bundle = value as SigstoreBundle;
  const refused = (why: string): Outcome<never> => failed([diagnostic('SP6014', `${file}: ${why}`)]);
  const { key, root } = trust;
  const { logged, certified } = vouchersOf(bundle);
  const { dsseEnvelope } = bundle;
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  if (payload.toString('base64') !== dsseEnvelope.payload) return refused('its payload is not plain base64');
  if (dsseEnvelope.signatures.length !== 1) return refused('it has more than one signature, or none');
  if (!payload.equals(statement)) return refused('it signs something other than the statement beside it');
  if (key === null && (root === null || !certified)) {
    return refused(
      certified ? 'it has a certificate, but no --trusted-root was given' : 'it needs a public key (--key)',
    );
  }
  if (key !== null && !isOfKey(key, bundle, payload)) return refused('it was not made with this key');
  if (root === null) {
    return success([
      logged ? 'the entry of the transparency log (no --trusted-root)' : 'no transparency log',
    ]);
  }
  const fault = await faultByRoot(bundle, root, trust.identity);
  if (fault !== undefined) return refused(`the trusted root does not verify it: ${fault}`);
  return success(openAfterRoot(bundle, root, trust.identity));
}

/** Who vouches for a signature besides its key: a transparency log, an authority that certified the key. */
function vouchersOf({ verificationMaterial }: SigstoreBundle): {
  readonly logged: boolean;
  readonly certified: boolean;
} {
  return {
    logged: (verificationMaterial.tlogEntries ?? []).length > 0,
    certified: verificationMaterial.certificate !== undefined,
  };
}

function isOfKey(key: KeyObject, { dsseEnvelope }: SigstoreBundle, payload: Buffer): boolean {
  const signed = pae(dsseEnvelope.payloadType, payload);
  return verifyBytes(key, signed, Buffer.from(dsseEnvelope.signatures[0]?.sig ?? '', 'base64'));
}

/** Why a trusted root does not verify a signature, in one line; undefined when it does. */
async function faultByRoot(
  bundle: SigstoreBundle,
  root: TrustMaterial,
  { subject, issuer }: Trust['identity'],
): Promise<string | undefined> {
  const { logged, certified } = vouchersOf(bundle);
  try {
    const [{ Verifier, toSignedEntity }, { bundleFromJSON }] = await Promise.all([
      import('@sigstore/verify').then((module) => module.default),
      import('@sigstore/bundle').then((module) => module.default),
    ]);
    const verifier = new Verifier(root, {
      tlogThreshold: logged ? 1 : 0,
      ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
      // A certificate holds for minutes: something must say that it was signed in them.
      timestampThreshold: certified ? 1 : 0,
    });
    const policy = {
      ...(subject === null ? {} : { subjectAlternativeName: exactly(subject) }),
      ...(issuer === null ? {} : { extensions: { issuer } }),
    };
    verifier.verify(toSignedEntity(bundleFromJSON(bundle)), policy);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

/** What a signature leaves open that a trusted root verifies. */
function openAfterRoot(
  bundle: SigstoreBundle,
  root: TrustMaterial,
  identity: Trust['identity'],
): readonly string[] {
  const { logged, certified } = vouchersOf(bundle);
  return [
    ...(logged ? [] : ['no transparency log']),
    ...(certified && root.ctlogs.length === 0
      ? ['the certificate transparency log (the trusted root names none)']
      : []),
    ...(certified && identity.subject === null
      ? ['the identity in the certificate (no --certificate-identity)']
      : []),
    ...(certified && identity.issuer === null
      ? ['the issuer of the identity (no --certificate-issuer)']
      : []),
  ];
}

/** The library takes an expression; a name is to be held to as it stands. */
function exactly(text: string): string {
  return `^${text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}$`;
}
