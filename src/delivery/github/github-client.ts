import type { HttpAnswer, HttpRequest } from '../../io/http/http-client.ts';
import { sendPatiently } from '../../io/http/with-retries.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';

const API_VERSION = '2022-11-28';
/** A list of releases holds every asset of each. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;

export interface GithubCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Whole, with query. */
  readonly url: string;
  readonly accept?: string;
  readonly body?: { readonly type: string; readonly bytes: Buffer };
}

/** One repository, asked with the token of the manifest. */
export interface GithubClient {
  /** `owner/name`. */
  readonly repository: string;
  /** `<api>/repos/<owner>/<name>`. */
  readonly base: string;
  /**
   * Asks until there is an answer that stays; a function makes the call anew for each attempt.
   * @throws DeliveryError where there is none
   */
  call(call: GithubCall | (() => Promise<GithubCall>)): Promise<HttpAnswer>;
}

/** @throws DeliveryError where nothing names a repository */
export function githubClient(
  { repository: named, apiUrl, token }: { repository: string | null; apiUrl: string; token: string },
  context: DeliveryContext,
): GithubClient {
  const repository = named ?? context.git.repository;
  if (repository === null) throw new DeliveryError('no repository: name one in delivery.github.repository');
  const request = ({ method, url, accept, body }: GithubCall): HttpRequest => ({
    method,
    url,
    headers: {
      accept: accept ?? 'application/vnd.github+json',
      authorization: `Bearer ${(context.secrets[token] ?? '').trim()}`,
      'x-github-api-version': API_VERSION,
      ...(body === undefined ? {} : { 'content-type': body.type }),
    },
    maxAnswerBytes: MAX_ANSWER_BYTES,
    ...(body === undefined ? {} : { body: body.bytes }),
  });
  return {
    repository,
    base: `${apiUrl}/repos/${repository.split('/').map(encodeURIComponent).join('/')}`,
    call: (call) =>
      sendPatiently(
        context.http,
        typeof call === 'function' ? async () => request(await call()) : request(call),
        context,
      ),
  };
}

/** The JSON of an answer; an empty object where it is none. */
export function jsonOf({ body }: HttpAnswer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** A refusal in GitHub's own words. */
export function refusal(what: string, answer: HttpAnswer): DeliveryError {
  const { message, errors } = jsonOf(answer) as { readonly message?: unknown; readonly errors?: unknown };
  const first = Array.isArray(errors) ? (errors[0] as { code?: unknown; message?: unknown } | undefined) : {};
  const words = [message, first?.message ?? first?.code].filter((word) => typeof word === 'string');
  const said = words
    .join(': ')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);
  return new DeliveryError(`${what}: GitHub answered ${answer.status}${said === '' ? '' : ` (${said})`}`, {
    status: answer.status,
  });
}

/** Where people look at a repository. */
export function webUrl(apiUrl: string, repository: string): string {
  const { host } = new URL(apiUrl);
  return `https://${host === 'api.github.com' ? 'github.com' : host.replace(/^api\.(?=[a-z0-9-]+\.ghe\.com$)/, '')}/${repository}`;
}
