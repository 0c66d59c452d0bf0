import { z } from 'zod';
import { isRecord } from '../../../core/is-record.ts';

/** A statement of in-toto, of any version: what is said (`predicateType`) of what (`subject`). */
const statement = z.object({
  _type: z.string().regex(/^https:\/\/in-toto\.io\/Statement\//),
  subject: z
    .array(
      z.object({
        name: z.string().nullish(),
        uri: z.string().nullish(),
        digest: z.record(z.string(), z.string()).nullish(),
      }),
    )
    .nullish(),
  predicateType: z.string(),
  predicate: z.unknown().optional(),
});

/** A DSSE envelope: signatures over a payload in base64. */
const envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.unknown()),
});

const entry = z.unknown();

/** A Sigstore bundle: a signature or an envelope, with what it takes to verify it. */
const bundle = z.object({
  mediaType: z.string().regex(/^application\/vnd\.dev\.sigstore\.bundle/),
  verificationMaterial: z.object({
    certificate: z.unknown().optional(),
    x509CertificateChain: z.unknown().optional(),
    publicKey: z.unknown().optional(),
    tlogEntries: z.array(entry).nullish(),
  }),
  messageSignature: z.object({ signature: z.string() }).nullish(),
  dsseEnvelope: envelope.nullish(),
});

export type Statement = z.infer<typeof statement>;
export type Envelope = z.infer<typeof envelope>;
export type SigstoreBundle = z.infer<typeof bundle>;
export const statementSchema = statement;
export const envelopeSchema = envelope;
export const bundleSchema = bundle;

/** The statement that an envelope holds; undefined where its payload is none. Says nothing of its signatures. */
export function statementIn({ payload }: Envelope): Statement | undefined {
  try {
    // Both alphabets of base64 are read; what is none of it gives text that is no JSON.
    const json: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
    const read = statement.safeParse(json);
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** Signatures of an envelope that are not empty. */
export function signaturesOf({ signatures }: Envelope): number {
  return signatures.filter((item) => isRecord(item) && typeof item.sig === 'string' && item.sig !== '')
    .length;
}
