import { execFile } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { answerDns } from './answer-dns.ts';
import { AddressRefused, type Connector, dial, systemConnector } from './dial.ts';
import { NameTable, type Route } from './name-table.ts';
import { type Bound, type Namespace, type NamespaceTools, openNamespace, type Want } from './namespace.ts';
import { createNetworkRecord } from './network-record.ts';
import type { Forward, NetworkHandle, NetworkReport, NetworkSpec } from './network-types.ts';
import { cut, pump } from './pump-sockets.ts';

export interface NetworkTools extends NamespaceTools {
  /** `ip` of iproute2: needed only for addresses of other machines. */
  readonly ip?: string | undefined;
  readonly connector?: Connector;
}

/** Connections at once in one network; more are cut as they come, and noted. */
const MOST_CONNECTIONS = 2000;
const DNS: Want = { kind: 'udp', address: '127.0.0.1', port: 53 };
const run = promisify(execFile);

/**
 * Opens a private network in which exactly what the spec names can be reached, through this process, and nothing else: it has
 * a loopback and no route, and its resolver knows no other name. About 60 ms. @throws Error with the reason
 */
export async function openNetwork(spec: NetworkSpec, tools: NetworkTools): Promise<NetworkHandle> {
  const table = new NameTable();
  table.add(spec);
  const wants = table.newWants();
  const addresses = table.foreignAddresses();
  const foreign = wants.filter(({ address }) => addresses.includes(address));
  const first = [DNS, ...wants.filter((want) => !foreign.includes(want))];
  const { namespace, bound } = await openNamespace(tools, first);
  const network = new PrivateNetwork(table, namespace, tools);
  try {
    await network.start(bound, foreign);
    return network;
  } catch (error) {
    network.close();
    throw error;
  }
}

/** Owns a namespace, the sockets in it, and the connections that go through this process. */
class PrivateNetwork implements NetworkHandle {
  readonly enter: readonly string[];
  readonly #table: NameTable;
  readonly #namespace: Namespace;
  readonly #tools: NetworkTools;
  readonly #connector: Connector;
  readonly #record = createNetworkRecord();
  readonly #open = new Set<Socket>();
  readonly #sockets: Bound['socket'][] = [];
  /** Addresses that the loopback was given. */
  readonly #given = new Set<string>();
  /** Connections that are being made; all are given up when their stage has ended. */
  readonly #pending = new Set<{ readonly route: Route }>();
  #stage = new AbortController();
  #closed = false;

  constructor(table: NameTable, namespace: Namespace, tools: NetworkTools) {
    this.enter = namespace.enter;
    this.#table = table;
    this.#namespace = namespace;
    this.#tools = tools;
    this.#connector = tools.connector ?? systemConnector;
  }

  /** Takes over the first sockets, and makes those that need an address of another machine. */
  async start(bound: readonly Bound[], foreign: readonly Want[]): Promise<void> {
    this.#serve(bound);
    await this.#takeAddresses();
    if (foreign.length > 0) this.#serve(await this.#namespace.bind(foreign));
  }

  etcHosts(): string {
    return this.#table.etcHosts();
  }

  async addForward(forward: Forward): Promise<void> {
    this.#table.add({ forwards: [forward] });
    await this.#takeAddresses();
    const more = this.#table.newWants();
    if (more.length > 0) this.#serve(await this.#namespace.bind(more));
  }

  takeReport(): NetworkReport {
    // A tool that waits for less than this does has not reached its host all the same.
    for (const { route } of this.#pending) {
      this.#record.failed(nameOf(route), 'no answer in time', route.exact);
    }
    this.#pending.clear();
    this.#stage.abort();
    this.#stage = new AbortController();
    for (const socket of this.#open) socket.destroy();
    return this.#record.take();
  }

  close(): void {
    this.#closed = true;
    this.#stage.abort();
    for (const socket of this.#sockets.splice(0)) socket.close();
    for (const socket of this.#open) socket.destroy();
    this.#namespace.close();
  }

  /** The loopback is given addresses of other machines, so that what is sent to them comes here. */
  async #takeAddresses(): Promise<void> {
    const { ip } = this.#tools;
    for (const address of this.#table.foreignAddresses()) {
      if (this.#given.has(address)) continue;
      if (ip === undefined) throw new Error(`ip (iproute2) is needed to represent ${address}`);
      const [program = '', ...argv] = [...this.enter, ip, 'address', 'add', address, 'dev', 'lo'];
      await run(program, argv, { env: { PATH: '/usr/bin:/bin' }, timeout: 10_000 });
      this.#given.add(address);
    }
  }

  #serve(all: readonly Bound[]): void {
    for (const { socket } of all) {
      this.#sockets.push(socket);
      if (socket instanceof Server) this.#accept(socket);
      else this.#answer(socket);
    }
  }

  #accept(server: Server): void {
    // Received from another process, a server has the defaults of one.
    Object.assign(server, { allowHalfOpen: true });
    server.on('connection', (inner) => void this.#join(inner));
    server.unref();
  }

  #answer(socket: UdpSocket): void {
    const address = (name: string) => this.#table.address(name);
    const refused = (name: string) => this.#record.refused(name);
    socket.on('message', (query, from) => {
      const reply = answerDns(query, address, refused);
      if (reply !== undefined && !this.#closed) socket.send(reply, from.port, from.address, () => {});
    });
    socket.on('error', () => {});
    socket.unref();
  }

  async #join(inner: Socket): Promise<void> {
    this.#hold(inner);
    const route = this.#table.route(inner.localAddress ?? '', inner.localPort ?? 0);
    if (route === undefined || this.#open.size > MOST_CONNECTIONS) {
      this.#record.refused(route === undefined ? `${inner.localAddress}:${inner.localPort}` : nameOf(route));
      cut(inner);
      return;
    }
    const { signal } = this.#stage;
    const attempt = { route };
    this.#pending.add(attempt);
    try {
      const outer = await dial(route.to, route.guard, this.#connector, signal);
      if (!signal.aborted) this.#record.reached(nameOf(route));
      if (signal.aborted || inner.destroyed) return void outer.destroy();
      this.#hold(outer);
      pump(inner, outer);
    } catch (error) {
      cut(inner);
      if (!signal.aborted) this.#failed(route, error);
    } finally {
      this.#pending.delete(attempt);
    }
  }

  #failed(route: Route, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof AddressRefused && !route.exact) this.#record.refused(nameOf(route));
    else this.#record.failed(nameOf(route), why, route.exact);
  }

  #hold(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.on('error', () => {});
  }
}

function nameOf({ host, port }: Route): string {
  return `${host}:${port}`;
}
