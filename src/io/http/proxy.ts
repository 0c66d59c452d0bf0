import type { Agent } from 'node:http';

type Env = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The proxy that requests to a URL go through, by the variables that curl, Go and Python read (HTTPS_PROXY, HTTP_PROXY,
 * ALL_PROXY, NO_PROXY, in either case); undefined where there is none. This machine's own addresses are never asked through one.
 */
export function proxyFor(url: URL, env: Env = process.env): string | undefined {
  if (LOOPBACK.test(url.hostname) || isExempt(url, variable(env, 'no_proxy'))) return undefined;
  const scheme = url.protocol.slice(0, -1);
  const proxy = variable(env, `${scheme}_proxy`) ?? variable(env, 'all_proxy');
  if (proxy === undefined) return undefined;
  // curl takes a host and a port without a scheme for an HTTP proxy.
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** An agent that connects through a proxy. @throws where the address of the proxy is no URL */
export async function proxyAgent(proxy: string, secure: boolean): Promise<Agent> {
  const options = { keepAlive: true, maxSockets: 8 };
  // Loaded where there is a proxy: a run that asks nobody starts quicker without.
  if (secure) return new (await import('https-proxy-agent')).HttpsProxyAgent(proxy, options);
  return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, options);
}

/** The lower-case one first, as curl has it. An empty one is none. */
function variable(env: Env, name: string): string | undefined {
  return [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');
}

/** `*`, or names that the host is or ends in, with a port where only that one is meant. */
function isExempt({ hostname, port, protocol }: URL, list: string | undefined): boolean {
  const asked = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const host = hostname.toLowerCase();
  return (list ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .some((item) => {
      if (item === '*') return true;
      const [, name = '', only] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(item) ?? [];
      return (only === undefined || only === asked) && (host === name || host.endsWith(`.${name}`));
    });
}
