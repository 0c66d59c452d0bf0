import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { cut } from '../../../../src/executor/runtimes/local/network/pump-sockets.ts';

const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** Both ends of a connection; the other end reads nothing. */
async function connection(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  opened.push(near, far);
  for (const socket of [near, far]) socket.on('error', () => {});
  return { near, far };
}

/** Descriptors of connections that this process still watches. */
const watched = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

describe('a connection that is cut', () => {
  it('is closed, also while its end is on its way', async () => {
    const before = watched();
    const { near, far } = await connection();
    near.end();
    // The end is handed to the system in the next tick, and on its way from then to the event loop's next turn.
    await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
    const closed = once(near, 'close');
    cut(near);
    await closed;
    far.destroy();
    await once(far, 'close');
    expect(watched()).toBe(before);
  });

  it('is reset, where nothing was ended', async () => {
    const { near, far } = await connection();
    const failed = once(far, 'error');
    far.resume();
    cut(near);
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
