import type { OpensearchSpec } from '../../compiler/model/delivery-model.ts';
import type { HttpAnswer } from '../../io/http/http-client.ts';
import { sendPatiently } from '../../io/http/with-retries.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';

export type OpensearchClient = (
  method: 'GET' | 'PUT',
  /** From the base URL, begins with a slash, encoded. */
  path: string,
  body?: unknown,
) => Promise<HttpAnswer>;

const MAX_ANSWER_BYTES = 8 * 2 ** 20;

/** Asks one cluster, with the credentials that the manifest names; waits and tries again where that may help. */
export function opensearchClient(spec: OpensearchSpec, context: DeliveryContext): OpensearchClient {
  const authorization = authorizationOf(spec, context.secrets);
  return (method, path, body) => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return sendPatiently(
      context.http,
      {
        method,
        url: `${spec.url}${path}`,
        headers: {
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
          ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(bytes === undefined ? {} : { body: bytes }),
        maxAnswerBytes: MAX_ANSWER_BYTES,
      },
      context,
    );
  };
}

/** What a cluster says went wrong, short: its type and reason, where it gives them. */
export function opensearchProblem(what: string, answer: HttpAnswer): DeliveryError {
  const { status } = answer;
  const { error } = jsonOf(answer);
  const { type, reason } = (typeof error === 'object' && error !== null ? error : { reason: error }) as {
    readonly type?: unknown;
    readonly reason?: unknown;
  };
  const said = [type, reason].filter((text) => typeof text === 'string').join(': ');
  const short = said.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300);
  const redirect = status >= 300 && status < 400 ? ': redirects are not followed' : '';
  return new DeliveryError(
    `${what}: OpenSearch answered ${status}${redirect}${short === '' ? '' : ` (${short})`}`,
    { status },
  );
}

export function jsonOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : {};
  } catch {
    return {};
  }
}

/** RFC 7617 (UTF-8) and RFC 6750. */
function authorizationOf(
  { username, password, token }: OpensearchSpec,
  secrets: DeliveryContext['secrets'],
): string | undefined {
  if (token !== undefined) return `Bearer ${secrets[token] ?? ''}`;
  if (username === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${secrets[password] ?? ''}`).toString('base64')}`;
}
