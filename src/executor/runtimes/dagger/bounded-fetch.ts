import { request } from 'node:http';

/** More than any answer that is asked for: files come by export, not in an answer. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * A fetch for loopback that has no time limit (Node's ends after five minutes without an answer), ends with
 * `signal`, and takes no endless answer.
 */
export function boundedFetch(signal: AbortSignal): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    const body = typeof init?.body === 'string' ? init.body : '';
    return new Promise<Response>((resolve, reject) => {
      const sent = request(
        url,
        { method: init?.method ?? 'POST', headers, signal, agent: false },
        (answer) => {
          const chunks: Buffer[] = [];
          let size = 0;
          answer.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MOST_BYTES) sent.destroy(new Error(`an answer of more than ${MOST_BYTES} bytes`));
            else chunks.push(chunk);
          });
          answer.on('end', () => {
            const type = answer.headers['content-type'] ?? 'application/json';
            const status = answer.statusCode ?? 500;
            resolve(new Response(Buffer.concat(chunks), { status, headers: { 'content-type': type } }));
          });
          answer.on('aborted', () => reject(new Error('the engine hung up')));
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  };
}
