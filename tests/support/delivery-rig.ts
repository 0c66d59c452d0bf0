import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { CERTIFICATE, PRIVATE_KEY } from './test-certificate.ts';

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Receiver {
  /** `http://127.0.0.1:port` or `https://good.example:port`. */
  readonly origin: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

export { CERTIFICATE };

type Answer = Reply | 'hang' | 'drop';

/** A real server on loopback that records what it is sent. `hang` leaves a request without an answer. */
export async function receiver(
  answer: (request: Received, count: number) => Answer | Promise<Answer>,
  { secure = false } = {},
): Promise<Receiver> {
  const received: Received[] = [];
  const handle: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const item = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers,
        body: Buffer.concat(chunks),
      };
      received.push(item);
      const reply = await answer(item, received.length);
      if (reply === 'hang') return;
      if (reply === 'drop') {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, reply.headers);
      response.end(request.method === 'HEAD' ? undefined : reply.body);
    });
  };
  const server = secure
    ? https.createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, handle)
    : http.createServer(handle);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: secure ? `https://good.example:${port}` : `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An object store that honours `If-None-Match: *` and checks checksums, as far as a delivery uses one. */
export function objectStore() {
  const objects = new Map<string, { readonly body: Buffer; readonly sha256: string | undefined }>();
  let writes = 0;
  const answer = (request: Received): Reply => {
    const key = request.url.replace(/\?.*$/, '');
    const known = objects.get(key);
    if (request.method === 'HEAD') {
      if (known === undefined) return { status: 404 };
      return {
        status: 200,
        headers: {
          'content-length': String(known.body.length),
          ...(known.sha256 === undefined ? {} : { 'x-amz-meta-sha256': known.sha256 }),
        },
      };
    }
    if (request.method === 'GET')
      return known === undefined ? { status: 404 } : { status: 200, body: known.body };
    if (request.method !== 'PUT') return { status: 405 };
    if (known !== undefined && request.headers['if-none-match'] === '*') return { status: 412 };
    objects.set(key, { body: request.body, sha256: request.headers['x-amz-meta-sha256'] });
    writes += 1;
    return { status: 200 };
  };
  return { answer, objects, writes: () => writes };
}

/** A secret as it could leak: plain, base64, hex, URL-encoded. */
export function spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    encodeURIComponent(value),
  ];
}
