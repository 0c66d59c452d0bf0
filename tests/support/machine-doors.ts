import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** What a machine has that no scanner may reach, by the word that stands for it in an attack. */
export interface Doors {
  readonly words: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Opens services and a file in shared memory, reachable for every user of the machine. `home`: a folder of the machine. */
export async function openDoors(home: string): Promise<Doors> {
  const name = `secplan-attack-${process.pid}-${crypto.randomUUID()}`;
  const shared = `/dev/shm/${name}`;
  writeFileSync(shared, 'shared');
  const socket = join(home, 'socket');
  const servers = await Promise.all([
    listen((server) => server.listen(0, '127.0.0.1')),
    listen((server) => server.listen(0, '::1')),
    listen((server) => server.listen(`\0${name}`)),
    listen((server) => server.listen(socket)),
  ]);
  chmodSync(socket, 0o777);
  const [tcp4 = '', tcp6 = ''] = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? String(address.port) : '';
  });
  return {
    words: { TCP4: tcp4, TCP6: tcp6, ABSTRACT: name, SOCKET: socket, SHARED: shared, HOME: home },
    async close() {
      rmSync(shared, { force: true });
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(start: (server: Server) => void): Promise<Server> {
  const server = createServer((socket) => {
    // An attacker hangs up as soon as it is through.
    socket.on('error', () => {});
    socket.end('reached');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => resolve(server));
    start(server);
  });
}
