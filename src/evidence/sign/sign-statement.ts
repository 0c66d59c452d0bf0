import { pae } from '../../core/dsse.ts';
import { STATEMENT_MEDIA_TYPE } from '../statement/statement.ts';
import { type Signature, SigningError, type StatementSigner } from './statement-signer.ts';

export const SIGSTORE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

const REKOR_TIMEOUT_MS = 30_000;

/**
 * Signs a statement and gives the Sigstore bundle (v0.3) as text. The envelope's keyid stays empty: it is a hint that
 * nobody has signed, and cosign refuses one that it does not know.
 * @throws SigningError
 */
export async function signStatement(
  signer: StatementSigner,
  statement: string,
  rekor: string | null,
  signal: AbortSignal,
): Promise<string> {
  const payload = Buffer.from(statement, 'utf8');
  const signed = await signer.sign(pae(STATEMENT_MEDIA_TYPE, payload), signal);
  const bundle = rekor === null ? bare(payload, signed) : await logged(payload, signed, signer, rekor);
  return `${JSON.stringify(bundle, null, 2)}\n`;
}

function bare(payload: Buffer, { signature, certificate }: Signature): object {
  return {
    mediaType: SIGSTORE_MEDIA_TYPE,
    verificationMaterial:
      certificate === undefined
        ? { publicKey: { hint: '' } }
        : { certificate: { rawBytes: certificate.replaceAll(/-----[^-]+-----|\s/g, '') } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: STATEMENT_MEDIA_TYPE,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  };
}

async function logged(
  payload: Buffer,
  { signature, certificate }: Signature,
  signer: StatementSigner,
  rekor: string,
): Promise<unknown> {
  const publicKey = signer.publicKey?.export({ type: 'spki', format: 'pem' }).toString();
  const key =
    certificate === undefined
      ? ({ $case: 'publicKey', publicKey: publicKey ?? '' } as const)
      : ({ $case: 'x509Certificate', certificate } as const);
  try {
    const [{ DSSEBundleBuilder, RekorWitness }, { bundleToJSON }] = await Promise.all([
      import('@sigstore/sign').then((module) => module.default),
      import('@sigstore/bundle').then((module) => module.default),
    ]);
    const builder = new DSSEBundleBuilder({
      signer: { sign: async () => ({ signature, key }) },
      witnesses: [
        new RekorWitness({ rekorBaseURL: rekor, entryType: 'dsse', timeout: REKOR_TIMEOUT_MS, retry: 2 }),
      ],
      certificateChain: false,
    });
    const bundle = bundleToJSON(await builder.create({ data: payload, type: STATEMENT_MEDIA_TYPE }));
    // Protocol buffers leave an empty text out; our schema has the keyid, as DSSE's own examples do.
    const signatures = [{ sig: signature.toString('base64'), keyid: '' }];
    return { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures } };
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    throw new SigningError(
      `the transparency log accepted no entry (${typeof code === 'string' ? code : 'no answer'})`,
    );
  }
}
