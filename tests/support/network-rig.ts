import { createServer, type Server, type Socket } from 'node:net';
import type { Connector } from '../../src/executor/runtimes/local/network/dial.ts';
import { systemConnector } from '../../src/executor/runtimes/local/network/dial.ts';

export interface TestServer {
  readonly port: number;
  /** Connections so far. */
  count(): number;
  close(): Promise<void>;
}

/** A server on the loopback of the host; by default it says its name and ends. */
export async function testServer(
  serve: (socket: Socket) => void = (socket) => socket.end('hello\n'),
  host = '127.0.0.1',
): Promise<TestServer> {
  let connections = 0;
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as { port: number }).port,
    count: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Public addresses (of documentation: nobody has them) for names, and servers of this machine behind those. */
export function fakeInternet(
  names: Readonly<Record<string, readonly string[]>>,
  servers: Readonly<Record<string, number>>,
): Connector & { readonly asked: string[]; readonly dialled: string[] } {
  const asked: string[] = [];
  const dialled: string[] = [];
  return {
    asked,
    dialled,
    async resolve(host) {
      asked.push(host);
      const known = names[host];
      if (known === undefined) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      return known;
    },
    connect(to) {
      if ('unixSocket' in to) return systemConnector.connect(to);
      const place = `${to.address}:${to.port}`;
      dialled.push(place);
      // Nothing is at port 1 of the loopback.
      return systemConnector.connect({ address: '127.0.0.1', port: servers[place] ?? 1 });
    },
  };
}
