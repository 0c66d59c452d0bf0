import type { HttpAnswer, HttpClient } from '../../../io/http/http-client.ts';
import { RequestError } from '../../../io/http/request-error.ts';
import { oneAttempt } from './one-attempt.ts';
import type { RemoteStore } from './remote-store.ts';

const NONE: ReadonlySet<number> = new Set([404, 410]);

/** A server that takes GET and PUT of `<url>/<name>`; the token, where there is one, is sent as a bearer's. */
export function httpStore(url: string, token: string | undefined, http: HttpClient): RemoteStore {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async get(name, maxAnswerBytes, signal) {
      const request = { method: 'GET', url: `${url}/${name}`, headers, maxAnswerBytes };
      return received(name, () => oneAttempt(http, signal).send(request));
    },
    async putIfAbsent(name, body, signal) {
      const request = {
        method: 'PUT',
        url: `${url}/${name}`,
        headers: { ...headers, 'content-type': 'application/octet-stream', 'if-none-match': '*' },
        body,
      };
      return stored(name, await oneAttempt(http, signal).send(request));
    },
    close: () => http.close(),
  };
}

/** What a GET was answered with. @throws RequestError */
export async function received(
  name: string,
  ask: () => Promise<HttpAnswer>,
): Promise<Uint8Array | 'too-large' | undefined> {
  let answer: HttpAnswer;
  try {
    answer = await ask();
  } catch (error) {
    if (error instanceof RequestError && error.tooLarge) return 'too-large';
    throw error;
  }
  if (NONE.has(answer.status)) return undefined;
  if (answer.status === 200) return answer.body;
  throw refusal(name, answer);
}

/** What a PUT was answered with: one that is there, or is written by another just now, stays. @throws RequestError */
export function stored(name: string, answer: HttpAnswer): 'stored' | 'there' {
  const { status } = answer;
  if (status >= 200 && status < 300) return 'stored';
  if (status === 412 || status === 409) return 'there';
  throw refusal(name, answer);
}

function refusal(name: string, { status }: HttpAnswer): RequestError {
  return new RequestError(`it answered ${status} when asked for ${name}`, { status });
}
