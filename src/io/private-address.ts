import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** RFC 6890 and its registry: what is never a public service. */
const LOCAL: readonly string[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];
const PRIVATE: readonly string[] = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7'],
];
/** IPv4 addresses written as IPv6 ones: mapped, NAT64. 6to4 leads to a relay that nobody named. */
const EMBEDDED = ['::ffff:0:0/96', '64:ff9b::/96'];
const TUNNELLED = ['2002::/16', '2001::/32', '64:ff9b:1::/48'];

const NEVER = [...LOCAL, ...TUNNELLED];
/** Last labels of names that no public resolver answers for: who allows one means a machine of the own network. */
const INSIDE_NAMES = new Set(['internal', 'intranet', 'local', 'lan', 'corp', 'home', 'private']);

/**
 * Whether an address that a name resolved to may be connected to. A public name never leads into the own network, unless
 * `inside` says that it is meant to; no name but `localhost` leads to the machine itself or to link-local addresses.
 */
export function mayLeadTo(host: string, address: string, inside = false): boolean {
  const plain = host.toLowerCase().replace(/\.$/, '');
  const v4 = embeddedV4(address);
  if (v4 !== undefined) return mayLeadTo(plain, v4, inside);
  if (plain === 'localhost' || plain.endsWith('.localhost')) return isLoopback(address);
  if (holds(NEVER, address)) return false;
  if (!holds(PRIVATE, address)) return isIPv4(address) || isIPv6(address);
  return inside || isInsideName(plain);
}

/** Whether an address is one of the public network: none of this machine, this link, or a network of one's own. */
export function isPublicAddress(address: string): boolean {
  const v4 = embeddedV4(address);
  if (v4 !== undefined) return isPublicAddress(v4);
  return (isIPv4(address) || isIPv6(address)) && !holds(NEVER, address) && !holds(PRIVATE, address);
}

function isInsideName(host: string): boolean {
  const labels = host.split('.');
  return labels.length === 1 || host.endsWith('.home.arpa') || INSIDE_NAMES.has(labels.at(-1) ?? '');
}

/** Whether an address means this machine itself. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

function embeddedV4(address: string): string | undefined {
  if (!isIPv6(address) || !holds(EMBEDDED, address)) return undefined;
  const dotted = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  // The URL parser writes every form of an IPv6 address the same way.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  return groups
    .flatMap((group) => {
      const value = Number.parseInt(group || '0', 16);
      return [value >> 8, value & 255];
    })
    .join('.');
}

/** Lists are made when an address is first looked at: few runs look at one. */
const made = new Map<readonly string[], BlockList>();

function holds(subnets: readonly string[], address: string): boolean {
  const list = made.get(subnets) ?? blockList(subnets);
  made.set(subnets, list);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}
