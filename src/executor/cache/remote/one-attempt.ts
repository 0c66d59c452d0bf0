import type { HttpClient } from '../../../io/http/http-client.ts';
import { RequestError } from '../../../io/http/request-error.ts';

/** A client that gives up at the first trouble: a cache that has to be asked twice is slower than none. */
export function oneAttempt(http: HttpClient, signal: AbortSignal): HttpClient {
  return {
    async send(request) {
      const { host } = new URL(request.url);
      try {
        const answer = await http.send({ ...request, signal });
        if (answer.status >= 500 || answer.status === 429 || answer.status === 408)
          throw new RequestError(`${host} answered ${answer.status}`, { status: answer.status });
        return answer;
      } catch (error) {
        if (!(error instanceof RequestError) || !error.retryable) throw error;
        throw new RequestError(error.message);
      }
    },
    close() {
      // The client is another's.
    },
  };
}
