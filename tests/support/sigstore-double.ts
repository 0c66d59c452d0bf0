import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../../src/core/canonical.ts';
import { pae } from '../../src/core/dsse.ts';
import { type Received, type Receiver, type Reply, receiver } from './delivery-rig.ts';
import { bits, der, integer, octets, oid, sequence, text, time, yes } from './der.ts';

export const IDENTITY = 'https://ci.example/pay/.ci/scan.yml@refs/heads/main';
export const ISSUER = 'https://issuer.example';

/** What a certificate is given, and what is wrong with it. */
export interface CertificateRules {
  /** Milliseconds around the moment of signing. */
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly sct?: 'valid' | 'broken' | 'none' | 'of another log';
}

export interface SigstoreDouble {
  readonly fulcio: string;
  readonly rekor: string;
  /** A Sigstore trusted root, as JSON. */
  trustedRoot(without?: 'ctlogs' | 'tlogs' | 'certificateAuthorities'): string;
  /** What the identity provider says of a job, signed; by default of our own. */
  token(claims?: Readonly<Record<string, unknown>>): string;
  rules: CertificateRules;
  /** Problems of requests that the real services would refuse, too. */
  readonly refused: readonly string[];
  readonly entries: () => number;
  close(): Promise<void>;
}

const EXTENSIONS = {
  issuer: '1.3.6.1.4.1.57264.1.1',
  issuerV2: '1.3.6.1.4.1.57264.1.8',
  sct: '1.3.6.1.4.1.11129.2.4.2',
};
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const YEAR_MS = 365 * 86_400_000;

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const spkiOf = (key: KeyObject): Buffer =>
  createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'spki', format: 'der' });
const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pemOf = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

/** As in fulcio.v2 CreateSigningCertificateRequest. */
const certificateRequest = z.strictObject({
  credentials: z.strictObject({ oidcIdentityToken: z.string() }),
  publicKeyRequest: z.strictObject({
    publicKey: z.strictObject({
      algorithm: z.literal('ECDSA'),
      content: z.string().startsWith('-----BEGIN PUBLIC KEY-----'),
    }),
    proofOfPossession: z.base64(),
  }),
});
/** As in Rekor's OpenAPI description: ProposedEntry of kind dsse 0.0.1. */
const proposedEntry = z.strictObject({
  apiVersion: z.literal('0.0.1'),
  kind: z.literal('dsse'),
  spec: z.strictObject({
    proposedContent: z.strictObject({ envelope: z.string(), verifiers: z.array(z.base64()).length(1) }),
  }),
});
const envelopeOf = z.strictObject({
  payload: z.base64(),
  payloadType: z.string(),
  signatures: z.array(z.strictObject({ sig: z.base64(), keyid: z.string().optional() })).length(1),
});

/**
 * A certificate authority with a certificate log, and a transparency log, on loopback, with keys made for the occasion.
 * They hold requests to what the real ones hold them to: form, identity token, proof of possession, signature.
 */
export async function sigstoreDouble(): Promise<SigstoreDouble> {
  const [ca, ctlog, tlog, provider, stranger] = [newKey(), newKey(), newKey(), newKey(), newKey()];
  const root = certificate({
    subject: 'test authority',
    issuer: 'test authority',
    key: spkiOf(ca),
    signer: ca,
    from: Date.now() - YEAR_MS,
    to: Date.now() + YEAR_MS,
    extensions: [
      extension('2.5.29.19', sequence(yes()), true),
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
      extension('2.5.29.14', octets(sha256(spkiOf(ca)).subarray(0, 20))),
    ],
  });
  const refused: string[] = [];
  // Others were there before.
  const leaves: Buffer[] = [0, 1, 2, 3, 4].map((n) => sha256(Buffer.from([0]), Buffer.from(`older ${n}`)));
  const double: { rules: CertificateRules } = { rules: {} };

  function issue(body: unknown): Reply {
    const { credentials, publicKeyRequest } = certificateRequest.parse(body);
    const [head = '', claims = '', signature = ''] = credentials.oidcIdentityToken.split('.');
    const genuine = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey(provider.export({ type: 'pkcs8', format: 'pem' })), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    const { iss, sub, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    if (!genuine || aud !== 'sigstore' || exp * 1000 < Date.now())
      throw new Error('the identity token does not hold');
    const key = createPublicKey(publicKeyRequest.publicKey.content);
    if (!verify('sha256', Buffer.from(sub), key, Buffer.from(publicKeyRequest.proofOfPossession, 'base64')))
      throw new Error('no proof of possession');
    const { notBeforeMs = -60_000, notAfterMs = 600_000, sct = 'valid' } = double.rules;
    const given = {
      subject: '',
      issuer: 'test authority',
      key: key.export({ type: 'spki', format: 'der' }),
      signer: ca,
      from: Date.now() + notBeforeMs,
      to: Date.now() + notAfterMs,
    };
    const extensions = [
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.3'))),
      extension('2.5.29.14', octets(sha256(given.key).subarray(0, 20))),
      extension('2.5.29.35', sequence(der(0x80, sha256(spkiOf(ca)).subarray(0, 20)))),
      extension('2.5.29.17', sequence(der(0x86, Buffer.from(sub))), true),
      extension(EXTENSIONS.issuer, Buffer.from(iss)),
      extension(EXTENSIONS.issuerV2, text(iss)),
    ];
    const bare = tbs({ ...given, extensions });
    const stamp = timestampOf(bare, sct);
    const all = stamp === undefined ? extensions : [...extensions, extension(EXTENSIONS.sct, octets(stamp))];
    const leaf = certificate({ ...given, serial: serialOf(bare), extensions: all });
    return json(200, {
      signedCertificateEmbeddedSct: { chain: { certificates: [pemOf(leaf), pemOf(root)] } },
    });
  }

  /** RFC 6962, section 3.2: of the certificate without it. */
  function timestampOf(bare: Buffer, how: NonNullable<CertificateRules['sct']>): Buffer | undefined {
    if (how === 'none') return undefined;
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(Date.now()));
    const length = Buffer.from([bare.length >> 16, (bare.length >> 8) & 0xff, bare.length & 0xff]);
    const signed = Buffer.concat([
      Buffer.from([0, 0]),
      at,
      Buffer.from([0, 1]),
      sha256(spkiOf(ca)),
      length,
      bare,
      Buffer.from([0, 0]),
    ]);
    const by = how === 'of another log' ? stranger : ctlog;
    const signature = sign(
      'sha256',
      how === 'broken' ? Buffer.concat([signed, Buffer.from('x')]) : signed,
      by,
    );
    const one = Buffer.concat([
      Buffer.from([0]),
      sha256(spkiOf(by)),
      at,
      Buffer.from([0, 0, 4, 3]),
      uint16(signature.length),
      signature,
    ]);
    return Buffer.concat([uint16(one.length + 2), uint16(one.length), one]);
  }

  function enter(body: unknown, origin: string): Reply {
    const { proposedContent } = proposedEntry.parse(body).spec;
    const envelope = envelopeOf.parse(JSON.parse(proposedContent.envelope));
    const [{ sig } = { sig: '' }] = envelope.signatures;
    const verifier = Buffer.from(proposedContent.verifiers[0] ?? '', 'base64');
    const payload = Buffer.from(envelope.payload, 'base64');
    if (
      !verify(
        'sha256',
        pae(envelope.payloadType, payload),
        createPublicKey(verifier),
        Buffer.from(sig, 'base64'),
      )
    )
      throw new Error('the envelope is not signed by its verifier');
    const content = Buffer.from(
      canonicalJson({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          envelopeHash: {
            algorithm: 'sha256',
            value: sha256(Buffer.from(proposedContent.envelope)).toString('hex'),
          },
          payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
          signatures: [{ signature: sig, verifier: verifier.toString('base64') }],
        },
      }),
    );
    const logIndex = leaves.push(sha256(Buffer.from([0]), content)) - 1;
    const integratedTime = Math.floor(Date.now() / 1000);
    const logID = sha256(spkiOf(tlog)).toString('hex');
    const promise = canonicalJson({ body: content.toString('base64'), integratedTime, logIndex, logID });
    const rootHash = rootOf(leaves);
    const note = `${origin} - 1\n${leaves.length}\n${rootHash.toString('base64')}\n`;
    const stamp = Buffer.concat([
      sha256(spkiOf(tlog)).subarray(0, 4),
      sign('sha256', Buffer.from(note), tlog),
    ]);
    return json(201, {
      [logID.slice(0, 16) + sha256(content).toString('hex')]: {
        body: content.toString('base64'),
        integratedTime,
        logID,
        logIndex,
        verification: {
          inclusionProof: {
            checkpoint: `${note}\n\u2014 ${origin} ${stamp.toString('base64')}\n`,
            hashes: pathTo(logIndex, leaves).map((hash) => hash.toString('hex')),
            logIndex,
            rootHash: rootHash.toString('hex'),
            treeSize: leaves.length,
          },
          signedEntryTimestamp: sign('sha256', Buffer.from(promise), tlog).toString('base64'),
        },
      },
    });
  }

  const server: Receiver = await receiver((request: Received) => {
    try {
      const body: unknown = JSON.parse(request.body.toString('utf8'));
      const what = `${request.method} ${request.url}`;
      if (what === 'POST /api/v2/signingCert') return issue(body);
      if (what === 'POST /api/v1/log/entries') return enter(body, new URL(server.origin).host);
      throw new Error(`nobody answers ${what}`);
    } catch (error) {
      refused.push((error as Error).message);
      return json(400, { code: 3, message: 'refused' });
    }
  });
  const start = new Date(Date.now() - YEAR_MS).toISOString();
  const log = (key: KeyObject) => ({
    baseUrl: server.origin,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spkiOf(key).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start },
    },
    logId: { keyId: sha256(spkiOf(key)).toString('base64') },
  });
  return {
    fulcio: server.origin,
    rekor: server.origin,
    refused,
    entries: () => leaves.length - 5,
    close: server.close,
    get rules() {
      return double.rules;
    },
    set rules(rules) {
      double.rules = rules;
    },
    token(claims = {}) {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const exp = Math.floor(Date.now() / 1000) + 300;
      const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ iss: ISSUER, sub: IDENTITY, aud: 'sigstore', exp, ...claims })}`;
      const made = sign('sha256', Buffer.from(signed), { key: provider, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${made.toString('base64url')}`;
    },
    trustedRoot(without) {
      const authority = {
        subject: { organization: 'test', commonName: 'test authority' },
        uri: server.origin,
        certChain: { certificates: [{ rawBytes: root.toString('base64') }] },
        validFor: { start },
      };
      const parts = { tlogs: [log(tlog)], certificateAuthorities: [authority], ctlogs: [log(ctlog)] };
      return JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
        ...parts,
        ...(without === undefined ? {} : { [without]: [] }),
        timestampAuthorities: [],
      });
    },
  };
}

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly key: Buffer;
  readonly signer: KeyObject;
  readonly from: number;
  readonly to: number;
  readonly serial?: Buffer;
  readonly extensions: readonly Buffer[];
}

function tbs({ subject, issuer, key, from, to, extensions, serial = randomBytes(16) }: Certificate): Buffer {
  const name = (value: string): Buffer =>
    sequence(...(value === '' ? [] : [der(0x31, sequence(oid('2.5.4.3'), text(value)))]));
  return sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    name(issuer),
    sequence(time(from), time(to)),
    name(subject),
    key,
    der(0xa3, sequence(...extensions)),
  );
}

/** The serial number of an encoded certificate of ours: it stands behind the version. */
function serialOf(bare: Buffer): Buffer {
  const from = bare.indexOf(Buffer.from([0xa0, 3, 2, 1, 2])) + 5;
  return bare.subarray(from + 2, from + 2 + (bare[from + 1] ?? 0));
}

function certificate(given: Certificate): Buffer {
  const body = tbs(given);
  return sequence(body, ECDSA_SHA256, bits(sign('sha256', body, given.signer)));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** RFC 6962, section 2.1. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const split = splitOf(leaves.length);
  return sha256(Buffer.from([1]), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function pathTo(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...pathTo(index, leaves.slice(0, split)), rootOf(leaves.slice(split))]
    : [...pathTo(index - split, leaves.slice(split)), rootOf(leaves.slice(0, split))];
}

function splitOf(length: number): number {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
}
