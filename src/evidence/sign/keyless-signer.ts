import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import { SigningError, type StatementSigner } from './statement-signer.ts';

export interface Identity {
  /** The token itself, of a declared secret; absent: the environment's is asked for. */
  readonly token?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const AUDIENCE = 'sigstore';
const TIMEOUT_MS = 30_000;
const MAX_TOKEN = 32_768;

/** Whether an OIDC identity is at hand: a token of the manifest's, `SIGSTORE_ID_TOKEN`, or GitHub's token service. */
export function hasIdentity({ token, env }: Identity): boolean {
  return Boolean(
    token ||
      env.SIGSTORE_ID_TOKEN ||
      (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN),
  );
}

/** Signs with a key of the moment, for which Fulcio gives a certificate of the available identity. */
export function keylessSigner(
  identity: Identity,
  fulcio: string | undefined,
  redactor: PublishRedactor,
): StatementSigner {
  let token: string | undefined;
  return {
    about: 'the available identity',
    publicKey: null,
    async sign(pae, signal) {
      token ??= await tokenOf(identity, signal);
      redactor.learn([token]);
      const own = token;
      try {
        const { FulcioSigner } = (await import('@sigstore/sign')).default;
        const signer = new FulcioSigner({
          identityProvider: { getToken: async () => own },
          ...(fulcio === undefined ? {} : { fulcioBaseURL: fulcio }),
          timeout: TIMEOUT_MS,
          retry: 2,
        });
        const { signature, key } = await signer.sign(pae);
        if (key.$case !== 'x509Certificate') throw new Error('no certificate');
        return { signature, certificate: key.certificate };
      } catch (error) {
        // The library's own messages may hold the token.
        const code = (error as { readonly code?: unknown }).code;
        throw new SigningError(
          `could not get a certificate for the identity (${typeof code === 'string' ? code : 'no answer'})`,
        );
      }
    },
  };
}

async function tokenOf({ token, env }: Identity, signal: AbortSignal): Promise<string> {
  const near = token || env.SIGSTORE_ID_TOKEN;
  if (near) return near;
  try {
    const url = new URL(env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '');
    url.searchParams.append('audience', AUDIENCE);
    const answer = await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
    });
    const { value } = (await answer.json()) as { readonly value?: unknown };
    if (typeof value === 'string' && value.length <= MAX_TOKEN) return value;
  } catch {
    // Told below: what went wrong there may hold the token that asks for tokens.
  }
  throw new SigningError('the identity service returned no token');
}
