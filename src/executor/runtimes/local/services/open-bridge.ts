import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Stands inside the stack's network and joins its ports with sockets of the file system, which know no network: how
 * stages, each in its own network, reach services. Ends with its owner. The text is fixed.
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
  const bridge = new BridgeProcess(child);
  try {
    await bridge.ready();
    return bridge;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Owns the helper's process, and who waits for its answers. */
class BridgeProcess implements Bridge {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (error: string | undefined) => void>();
  readonly #ready = Promise.withResolvers<void>();
  #count = 0;
  #said = '';
  #gone: string | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.#said = `${this.#said}${chunk}`.slice(0, 1000);
    });
    child.on('message', ({ id, error }: { id?: number; error?: string }) => {
      if (id === undefined) return this.#ready.resolve();
      this.#waiting.get(id)?.(error);
      this.#waiting.delete(id);
    });
    child.once('error', (error) => this.#end(error.message));
    child.once('exit', () => this.#end('the bridge ended'));
  }

  /** Resolves when it can be asked. @throws Error when it does not start in time */
  async ready(): Promise<void> {
    const late = () => this.#ready.reject(new Error('the bridge did not start'));
    const timer = setTimeout(late, START_LIMIT_MS);
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async open(port: number, path: string): Promise<void> {
    const error = await this.#send({ open: true, port, path });
    if (error !== undefined) throw new Error(`port ${port}: ${error}`);
  }

  ask(port: number): Promise<string | undefined> {
    return this.#send({ open: false, port });
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.kill('SIGKILL');
  }

  #send(message: object): Promise<string | undefined> {
    if (this.#gone !== undefined) return Promise.resolve(this.#gone);
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, ...message }, (error) => {
        if (error !== null && this.#waiting.delete(id)) resolve(error.message);
      });
    });
  }

  #end(why: string): void {
    this.#gone ??= this.#said.trim().split('\n')[0] || why;
    this.#ready.reject(new Error(this.#gone));
    for (const answer of this.#waiting.values()) answer(this.#gone);
    this.#waiting.clear();
  }
}
