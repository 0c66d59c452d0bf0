import { isIP, isIPv6 } from 'node:net';
import type { Guard } from './dial.ts';
import type { Want } from './namespace.ts';
import type { Destination, Endpoint, NetworkSpec } from './network-types.ts';

/** What an address and port inside stand for. */
export interface Route extends Endpoint {
  readonly to: Destination;
  /** Which addresses its name may lead to. */
  readonly guard: Guard;
  /** Named as such, not by a pattern. */
  readonly exact: boolean;
}

const EGRESS_PORTS = [80, 443];
const MOST_NAMES = 4096;
const BASE_HOSTS = '127.0.0.1 localhost secplan\n::1 localhost\n';

/**
 * Which address inside stands for which name, and where each of its ports leads. Names stand for addresses of 127/8, all of
 * which the loopback has: 127.0.1.x for those that are named, 127.1.x.y for those that only match a pattern, given out as
 * they are asked for. So a URL is the same inside and out, TLS names included.
 */
export class NameTable {
  readonly #addresses = new Map<string, string>();
  readonly #routes = new Map<string, Route>();
  readonly #patterns: { readonly suffix: string; readonly ports: readonly number[] }[] = [];
  readonly #asked = new Set<string>();
  readonly #wants: Want[] = [];
  #matched = 0;

  add(spec: NetworkSpec): void {
    const inside = new Set(spec.inside?.map(plainName));
    const guardOf = (host: string): Guard => (inside.has(host) ? 'private' : 'public');
    // Patterns first: what they listen on covers the same port of every name.
    for (const { host, ports } of (spec.egress ?? []).map(parseHost).sort(patternsFirst)) {
      if (host.startsWith('*.')) {
        this.#patterns.push({ suffix: host.slice(1), ports });
        for (const port of ports) this.#ask({ kind: 'tcp', address: '0.0.0.0', port });
        continue;
      }
      for (const port of ports)
        this.#addRoute({ host, port, to: { host, port }, guard: guardOf(host), exact: true });
    }
    for (const forward of spec.forwards) this.#addRoute({ ...forward, guard: 'none', exact: true });
  }

  /** The address that stands for a name; undefined for one that is not allowed. */
  address(asName: string): string | undefined {
    const name = plainName(asName);
    if (name === 'localhost') return '127.0.0.1';
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const fits = this.#patterns.filter(({ suffix }) => name.endsWith(suffix) && isName(name));
    if (fits.length === 0 || this.#matched >= MOST_NAMES) return undefined;
    const made = nth(256, this.#matched);
    this.#matched += 1;
    this.#addresses.set(name, made);
    for (const port of fits.flatMap(({ ports }) => ports)) {
      const route: Route = { host: name, port, to: { host: name, port }, guard: 'public', exact: false };
      this.#routes.set(`${made} ${port}`, route);
    }
    return made;
  }

  route(address: string, port: number): Route | undefined {
    return this.#routes.get(`${address} ${port}`);
  }

  /** Sockets that the table needs and that were not asked for before. */
  newWants(): readonly Want[] {
    return this.#wants.splice(0);
  }

  /** Addresses that the loopback must be given: those of other machines. */
  foreignAddresses(): readonly string[] {
    const all = [...this.#routes.keys()].map((key) => key.split(' ')[0] ?? '');
    return [...new Set(all.filter((address) => !isOwn(address)))];
  }

  etcHosts(): string {
    const lines = [...this.#addresses]
      .filter(([, address]) => address.startsWith('127.0.'))
      .map(([name, address]) => `${address} ${name}\n`);
    return BASE_HOSTS + lines.join('');
  }

  #addRoute(route: Route): void {
    const host = plainName(route.host);
    const address = this.#named(host);
    this.#routes.set(`${address} ${route.port}`, { ...route, host });
    this.#ask({ kind: 'tcp', address, port: route.port });
    if (host !== 'localhost') return;
    this.#routes.set(`::1 ${route.port}`, { ...route, host });
    this.#ask({ kind: 'tcp', address: '::1', port: route.port, optional: true });
  }

  #named(name: string): string {
    if (isIP(name) !== 0) return name;
    if (name === 'localhost') return '127.0.0.1';
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const made = nth(1, this.#addresses.size);
    this.#addresses.set(name, made);
    return made;
  }

  #ask(want: Want): void {
    const key = `${want.kind} ${want.address} ${want.port}`;
    const covered = !isIPv6(want.address) && this.#asked.has(`${want.kind} 0.0.0.0 ${want.port}`);
    if (covered || this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#wants.push(want);
  }
}

/** A name in lower case without its last dot; brackets of an IPv6 address go. */
function plainName(host: string): string {
  const plain = host.toLowerCase().replace(/\.$/, '');
  return plain.startsWith('[') && plain.endsWith(']') ? plain.slice(1, -1) : plain;
}

function isName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(name) && !name.includes('..');
}

function parseHost(text: string): { readonly host: string; readonly ports: readonly number[] } {
  const parts = /^(.*):([0-9]{1,5})$/.exec(text);
  if (parts === null || isIPv6(text)) return { host: plainName(text), ports: EGRESS_PORTS };
  return { host: plainName(parts[1] ?? ''), ports: [Number(parts[2])] };
}

function patternsFirst(one: { readonly host: string }, other: { readonly host: string }): number {
  return Number(other.host.startsWith('*.')) - Number(one.host.startsWith('*.'));
}

function nth(first: number, index: number): string {
  const row = first + Math.floor(index / 250);
  return `127.${row >> 8}.${row & 255}.${1 + (index % 250)}`;
}

function isOwn(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
