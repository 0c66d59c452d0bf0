import { get } from 'node:http';
import { connect, createServer } from 'node:net';

/** Where a service listens: on a socket of the file system, or on this machine's loopback. */
export type ServicePlace = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const LIMIT_MS = 5000;

/** One GET; undefined for a 2xx answer, else what came in its place. Never rejects. */
export function askHttp(
  place: ServicePlace,
  path: string,
  host: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { ...place, path, headers: { host, connection: 'close' }, timeout: LIMIT_MS, signal };
    try {
      const request = get(options, (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        resolve(status >= 200 && status < 300 ? undefined : `GET ${path} answered ${status}`);
      });
      request.once('timeout', () => request.destroy(new Error(`no answer in ${LIMIT_MS / 1000} s`)));
      request.once('error', (error) => resolve(`GET ${path}: ${error.message}`));
    } catch (error) {
      // A path that cannot stand in a request line.
      resolve(`GET ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

/** Whether a port of this machine's loopback accepts connections; the reason when not. */
export function askPort(port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, signal });
    const done = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(LIMIT_MS, () => done('no answer'));
    socket.once('connect', () => done(undefined));
    socket.once('error', (error) => done(error.message));
  });
}

/** Whether a port of this machine can be listened on now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
