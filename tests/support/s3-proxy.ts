import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Passed {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly status: number;
}

export interface S3Proxy {
  readonly origin: string;
  /** Answered requests, in order. */
  readonly passed: readonly Passed[];
  close(): Promise<void>;
}

export interface ProxyHooks {
  /** Changes a request's body on its way. */
  readonly body?: (method: string, url: string, body: Buffer) => Buffer;
  /** Looks at an answer before it goes back; `withhold` leaves the sender without one. */
  readonly answered?: (passed: Passed) => 'withhold' | undefined;
}

/** Stands before a server and sees what is asked and answered; Host stays as it was, for it is signed. */
export async function proxyTo(origin: string, hooks: ProxyHooks = {}): Promise<S3Proxy> {
  const { hostname, port } = new URL(origin);
  const passed: Passed[] = [];
  const server = http.createServer((request, response) => {
    const { method = '', url = '' } = request;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = hooks.body?.(method, url, Buffer.concat(chunks)) ?? Buffer.concat(chunks);
      const on = http.request({ hostname, port, method, path: url, headers: request.headers }, (answer) => {
        const one = { method, url, status: answer.statusCode ?? 0 };
        passed.push(one);
        if (hooks.answered?.(one) === 'withhold') {
          answer.resume();
          return;
        }
        response.writeHead(one.status, answer.headers);
        answer.pipe(response);
      });
      on.on('error', () => response.destroy());
      on.end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
