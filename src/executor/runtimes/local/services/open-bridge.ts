import { spawn } from 'node:child_process';

/**
 * Stands inside the stack's network and joins its ports with sockets of the file system, which know no network: how
 * stages, each in a network of its own, reach services. Ends with its owner. The text is fixed.
 */
const HELPER = `const net = require('node:net');
process.on('disconnect', () => process.exit(0));
const dial = (port) => net.connect({ host: '127.0.0.1', port });
process.on('message', ({ id, open, port, path }) => {
  const reply = (error) => process.connected && process.send({ id, ...(error && { error }) });
  if (open) {
    const server = net.createServer({ allowHalfOpen: true }, (inner) => {
      const outer = dial(port);
      const end = () => { inner.destroy(); outer.destroy(); };
      inner.on('error', end); outer.on('error', end);
      outer.on('close', () => inner.destroy()); inner.on('close', () => outer.destroy());
      inner.pipe(outer); outer.pipe(inner);
    });
    server.once('error', (error) => reply(error.message));
    server.listen(path, () => reply());
    return;
  }
  const socket = dial(port);
  const done = (error) => { socket.destroy(); reply(error); };
  socket.setTimeout(2000, () => done('no answer'));
  socket.once('connect', () => done());
  socket.once('error', (error) => done(error.message));
});
process.send({});`;

export interface Bridge {
  /** Joins a port inside with a socket at a path. @throws Error with the reason */
  open(port: number, path: string): Promise<void>;
  /** Whether something listens on a port inside; the reason when not. */
  ask(port: number): Promise<string | undefined>;
  close(): void;
}

const START_LIMIT_MS = 15_000;

/**
 * @param enter stands before a program so that it starts in the stack's network
 * @param mark stands in its command line, by which the run's warden finds it
 * @throws Error when it does not start
 */
export async function openBridge(enter: readonly string[], mark: string): Promise<Bridge> {
  const [program = '', ...argv] = [...enter, process.execPath, '-e', HELPER, mark];
  const child = spawn(program, argv, {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const waiting = new Map<number, (error: string | undefined) => void>();
  let count = 0;
  let said = '';
  let gone: string | undefined;
  const ready = Promise.withResolvers<void>();
  const timer = setTimeout(() => ready.reject(new Error('the bridge did not start')), START_LIMIT_MS);

  function end(why: string): void {
    gone ??= said.trim().split('\n')[0] || why;
    ready.reject(new Error(gone));
    for (const answer of waiting.values()) answer(gone);
    waiting.clear();
  }

  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(0, 1000);
  });
  child.on('message', ({ id, error }: { id?: number; error?: string }) => {
    if (id === undefined) return ready.resolve();
    waiting.get(id)?.(error);
    waiting.delete(id);
  });
  child.once('error', (error) => end(error.message));
  child.once('exit', () => end('the bridge ended'));

  function send(message: object): Promise<string | undefined> {
    if (gone !== undefined) return Promise.resolve(gone);
    count += 1;
    const id = count;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...message }, (error) => {
        if (error !== null && waiting.delete(id)) resolve(error.message);
      });
    });
  }

  try {
    await ready.promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    async open(port, path) {
      const error = await send({ open: true, port, path });
      if (error !== undefined) throw new Error(`port ${port}: ${error}`);
    },
    ask: (port) => send({ open: false, port }),
    close() {
      if (child.connected) child.disconnect();
      child.kill('SIGKILL');
    },
  };
}
