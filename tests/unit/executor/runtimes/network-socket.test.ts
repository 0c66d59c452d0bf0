import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createLocalRuntime } from '../../../../src/executor/runtimes/local/local-runtime.ts';
import { hostEnv } from '../../../../src/executor/runtimes/local/services/host-env.ts';
import { invocationOf, removeInvocations, script } from '../../../support/invocation.ts';

const folder = mkdtempSync(join(tmpdir(), 'secplan-socket-'));
afterAll(() => {
  removeInvocations();
  rmSync(folder, { recursive: true, force: true });
});

/** Connects, sends a byte, and resets the connection instead of ending it. */
const RESET = `exec /usr/bin/python3 -c "
import socket, struct
s = socket.create_connection(('api', 8080), 5)
s.sendall(b'x'); s.recv(1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
s.close()
"`;

it('a stage that resets its connection to a service behind a socket of the file system harms nobody', async () => {
  const path = join(folder, 'api.sock');
  const open = new Set<Socket>();
  const closed = Promise.withResolvers<void>();
  const service = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write('y'.repeat(4 << 20)));
    socket.once('close', () => closed.resolve());
  }).listen(path);
  await new Promise((resolve) => service.once('listening', resolve));
  const runtime = createLocalRuntime({ sandbox: 'bubblewrap', cgroups: { root: '/', own: '' } });
  const endpoints = [{ host: 'api', port: 8080, to: { unixSocket: path } }];
  const invocation = invocationOf({
    steps: [script(RESET)],
    stage: { network: 'stack' },
    over: { endpoints },
  });
  // What is thrown where nobody waits would fail this test's file.
  expect(await runtime.execute(invocation)).toMatchObject({ ok: true });
  await closed.promise;
  await runtime.close();
  await new Promise((resolve) => service.close(resolve));
  expect(open.size).toBe(1);
});

it('names of services become the loopback only where they are hosts', () => {
  const env = {
    A: 'db',
    B: 'postgres://u:p@db:5432/db',
    C: 'http://my-db/x',
    D: 'db.example',
    E: 'adb:1',
    F: 'db:5432',
    G: 'the db',
  };
  expect(hostEnv(env, ['db', 'x.y'])).toEqual({
    A: '127.0.0.1',
    B: 'postgres://u:p@127.0.0.1:5432/db',
    C: 'http://my-db/x',
    D: 'db.example',
    E: 'adb:1',
    F: '127.0.0.1:5432',
    G: 'the db',
  });
  expect(hostEnv({ A: 'xzy' }, ['x.y'])).toEqual({ A: 'xzy' });
});
