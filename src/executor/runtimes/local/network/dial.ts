import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { mayLeadTo } from '../../../../io/private-address.ts';
import type { Destination } from './network-types.ts';

/** How this machine reaches others; another in tests. */
export interface Connector {
  /** Addresses of a name. @throws the resolver's errors */
  resolve(host: string): Promise<readonly string[]>;
  /** A socket that is connecting; half-open ones stay open. */
  connect(to: { readonly address: string; readonly port: number } | { readonly unixSocket: string }): Socket;
}

/** Which addresses a name may lead to: any, public ones, or private ones too. */
export type Guard = 'none' | 'public' | 'private';

const ATTEMPT_MS = 10_000;

export const systemConnector: Connector = {
  async resolve(host) {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
  connect(to) {
    return 'unixSocket' in to
      ? connect({ path: to.unixSocket, allowHalfOpen: true })
      : connect({ host: to.address, port: to.port, allowHalfOpen: true });
  },
};

/** Refused by rule, not by a machine: the name leads where it may not. */
export class AddressRefused extends Error {
  constructor() {
    super('its name resolves to a private address; allow the address itself or an internal name to reach it');
  }
}

/**
 * Connects to a destination, trying those of its addresses in turn that its name may lead to.
 * Gives up when the signal says so. @throws AddressRefused, or the last error of the resolver or the connection
 */
export async function dial(
  to: Destination,
  guard: Guard,
  connector: Connector,
  signal: AbortSignal,
): Promise<Socket> {
  if ('unixSocket' in to) return connected(connector.connect(to), signal);
  const known = isIP(to.host) !== 0 ? [to.host] : await connector.resolve(to.host);
  const addresses =
    guard === 'none' || isIP(to.host) !== 0
      ? known
      : known.filter((each) => mayLeadTo(to.host, each, guard === 'private'));
  if (addresses.length === 0 && known.length > 0) throw new AddressRefused();
  let last: unknown = new Error('its name does not resolve');
  for (const address of addresses) {
    signal.throwIfAborted();
    try {
      return await connected(connector.connect({ address, port: to.port }), signal);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => failed(new Error('no answer in time')), ATTEMPT_MS);
    const onAbort = () => failed(new Error('given up'));
    function settled(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
    function failed(error: Error): void {
      settled();
      socket.destroy();
      reject(error);
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', failed);
    socket.once('connect', () => {
      settled();
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
