import { createServer } from 'node:http';

/** A package registry of this machine that has nothing, and remembers what it was asked for and with what. */
export interface IndexDouble {
  readonly url: string;
  readonly port: number;
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

/** Listens on the loopback address. */
export async function openIndexDouble(): Promise<IndexDouble> {
  const requests: IndexDouble['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such package\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    requests,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
