import { execFile } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { answerDns } from './answer-dns.ts';
import { AddressRefused, type Connector, dial, systemConnector } from './dial.ts';
import { createNameTable, type Route } from './name-table.ts';
import { type Bound, type NamespaceTools, openNamespace, type Want } from './namespace.ts';
import { createNetworkRecord } from './network-record.ts';
import type { NetworkHandle, NetworkSpec } from './network-types.ts';
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
  const connector = tools.connector ?? systemConnector;
  const table = createNameTable();
  const record = createNetworkRecord();
  const open = new Set<Socket>();
  const sockets: Bound['socket'][] = [];
  /** Connections that are being made; all are given up when their stage has ended. */
  const pending = new Set<{ readonly route: Route }>();
  let stage = new AbortController();
  table.add(spec);
  const given = new Set<string>();
  const wants = table.newWants();
  const foreign = wants.filter(({ address }) => table.foreignAddresses().includes(address));
  const { namespace, bound } = await openNamespace(tools, [
    DNS,
    ...wants.filter((want) => !foreign.includes(want)),
  ]);
  let closed = false;

  function close(): void {
    closed = true;
    stage.abort();
    for (const socket of sockets.splice(0)) socket.close();
    for (const socket of open) socket.destroy();
    namespace.close();
  }

  /** The loopback is given addresses of other machines, so that what is sent to them comes here. */
  async function takeAddresses(): Promise<void> {
    for (const address of table.foreignAddresses()) {
      if (given.has(address)) continue;
      if (tools.ip === undefined) throw new Error(`to stand for ${address}, ip (iproute2) is needed`);
      const [program = '', ...argv] = [...namespace.enter, tools.ip, 'address', 'add', address, 'dev', 'lo'];
      await run(program, argv, { env: { PATH: '/usr/bin:/bin' }, timeout: 10_000 });
      given.add(address);
    }
  }

  function serve(all: readonly Bound[]): void {
    for (const { socket } of all) {
      sockets.push(socket);
      if (socket instanceof Server) accept(socket);
      else answer(socket);
    }
  }

  function accept(server: Server): void {
    // Received from another process, a server has the defaults of one.
    Object.assign(server, { allowHalfOpen: true });
    server.on('connection', (inner) => void join(inner));
    server.unref();
  }

  function answer(socket: UdpSocket): void {
    socket.on('message', (query, from) => {
      const reply = answerDns(query, table.address, record.refused);
      if (reply !== undefined && !closed) socket.send(reply, from.port, from.address, () => {});
    });
    socket.on('error', () => {});
    socket.unref();
  }

  async function join(inner: Socket): Promise<void> {
    hold(inner);
    const route = table.route(inner.localAddress ?? '', inner.localPort ?? 0);
    if (route === undefined || open.size > MOST_CONNECTIONS) {
      record.refused(route === undefined ? `${inner.localAddress}:${inner.localPort}` : nameOf(route));
      cut(inner);
      return;
    }
    const { signal } = stage;
    const attempt = { route };
    pending.add(attempt);
    try {
      const outer = await dial(route.to, route.guard, connector, signal);
      if (!signal.aborted) record.reached(nameOf(route));
      if (signal.aborted || inner.destroyed) return void outer.destroy();
      hold(outer);
      pump(inner, outer);
    } catch (error) {
      cut(inner);
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof AddressRefused && !route.exact) record.refused(nameOf(route));
      else record.failed(nameOf(route), why, route.exact);
    } finally {
      pending.delete(attempt);
    }
  }

  function hold(socket: Socket): void {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => {});
  }

  serve(bound);
  try {
    await takeAddresses();
    if (foreign.length > 0) serve(await namespace.bind(foreign));
  } catch (error) {
    close();
    throw error;
  }
  return {
    enter: namespace.enter,
    etcHosts: table.etcHosts,
    async addForward(forward) {
      table.add({ forwards: [forward] });
      await takeAddresses();
      const more = table.newWants();
      if (more.length > 0) serve(await namespace.bind(more));
    },
    takeReport() {
      // A tool that waits for less than this does has not reached its host all the same.
      for (const { route } of pending) record.failed(nameOf(route), 'no answer in time', route.exact);
      pending.clear();
      stage.abort();
      stage = new AbortController();
      for (const socket of open) socket.destroy();
      return record.take();
    },
    close,
  };
}

function nameOf({ host, port }: Route): string {
  return `${host}:${port}`;
}
