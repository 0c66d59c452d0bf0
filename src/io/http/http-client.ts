import { lookup as systemLookup } from 'node:dns/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '../clock.ts';
import { isPublicAddress } from '../private-address.ts';
import { proxyAgent, proxyFor } from './proxy.ts';
import { RequestError } from './request-error.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Default 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** Ends this request, besides the client's own. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpRules {
  /** Hosts (with a port where it is not the scheme's) that may be talked to. */
  readonly hosts: readonly string[];
  /** Whether private, loopback and link-local addresses, and plain http, may be. */
  readonly allowPrivate: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Certificates (PEM) that are trusted instead of Node's own and those that NODE_EXTRA_CA_CERTS names. */
  readonly ca?: string | undefined;
  /** The proxy that a URL is asked through; default: as the environment names it. */
  readonly proxyFor?: ((url: URL) => string | undefined) | undefined;
  /** All addresses of a name; default: the system's resolver. */
  readonly resolveHost?: ((host: string) => Promise<readonly string[]>) | undefined;
}

export interface HttpClient {
  /** One request, one answer, whatever its status. @throws RequestError when there is no answer */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

const BASE_TIMEOUT_MS = 30_000;
/** The slowest line that an upload is waited for: 64 KiB a second. */
const BYTES_PER_MS = 64;
const MAX_ANSWER_BYTES = 2 ** 20;

/**
 * Talks to the hosts that were named and to no other. An address is judged when it is connected to, so a name that
 * resolves to another one the second time gains nothing; redirects are answers like any other and are not followed.
 */
export function openHttpClient(rules: HttpRules): HttpClient {
  const resolveHost = rules.resolveHost ?? allAddresses;
  const agents = openAgents(rules, resolveHost);

  const lookup: LookupFunction = (host, { all }, done) => {
    resolveHost(host).then(
      (addresses) => {
        const refused = addresses.find((address) => !allowed(address, rules));
        if (addresses.length === 0 || refused !== undefined) {
          const error = refused === undefined ? new Error(`${host} has no address`) : privateError(host);
          done(error, '', 0);
        } else if (all) done(null, addresses.map((address) => ({ address, family: isIP(address) })) as never);
        else done(null, addresses[0] ?? '', isIP(addresses[0] ?? ''));
      },
      (error: Error) => done(error, '', 0),
    );
  };

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const url = checkedUrl(request.url, rules);
    const secure = url.protocol === 'https:';
    const agent = await agents.of(url);
    const signal =
      request.signal === undefined ? rules.signal : AbortSignal.any([rules.signal, request.signal]);
    return new Promise((resolve, reject) => {
      const { method, body, headers = {} } = request;
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const sent = (secure ? https : http).request(url, {
        method,
        headers: { 'user-agent': 'secplan', ...headers, ...length },
        agent,
        lookup,
        signal,
        ...(rules.ca === undefined ? {} : { ca: rules.ca }),
      });
      const limitMs = BASE_TIMEOUT_MS + Math.ceil((body?.length ?? 0) / BYTES_PER_MS);
      const late = new RequestError(`${url.host} did not answer within ${Math.ceil(limitMs / 1000)} s`, {
        retryable: true,
      });
      const cancel = rules.clock.after(limitMs, () => sent.destroy(late));
      sent.once('error', (error) => reject(asRequestError(error, url.host, signal)));
      sent.once('close', cancel);
      sent.once('response', (answer) => {
        readAnswer(answer, request.maxAnswerBytes ?? MAX_ANSWER_BYTES).then(resolve, (error: Error) => {
          sent.destroy();
          reject(asRequestError(error, url.host, signal));
        });
      });
      sent.end(body);
    });
  }

  return {
    send,
    close: agents.close,
  };
}

/** Connections that are kept: to hosts, and to proxies. */
function openAgents(rules: HttpRules, resolveHost: (host: string) => Promise<readonly string[]>) {
  const options = { keepAlive: true, maxSockets: 8 };
  const direct = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  const proxied = new Map<string, http.Agent>();
  return {
    /** Through a proxy it is the proxy that looks names up: here they are looked up just to refuse what is private. */
    async of(url: URL): Promise<http.Agent> {
      const secure = url.protocol === 'https:';
      const proxy = (rules.proxyFor ?? proxyFor)(url);
      if (proxy === undefined) return direct[secure ? 'https:' : 'http:'];
      const addresses = await resolveHost(url.hostname).catch(() => []);
      if (addresses.some((address) => !allowed(address, rules))) throw privateError(url.hostname);
      const key = `${url.protocol}${proxy}`;
      const known = proxied.get(key) ?? (await proxyAgent(proxy, secure));
      proxied.set(key, known);
      return known;
    },
    close(): void {
      for (const agent of [...Object.values(direct), ...proxied.values()]) agent.destroy();
    },
  };
}

function checkedUrl(text: string, rules: HttpRules): URL {
  if (!URL.canParse(text)) throw new RequestError('the address is not valid');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && rules.allowPrivate))
    throw new RequestError(`${url.host} is not requested over https`);
  if (url.username !== '' || url.password !== '')
    throw new RequestError('the address holds a user or password; use the fields for them');
  if (!rules.hosts.includes(url.host)) throw new RequestError(`${url.host} is not an allowed host`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  // No resolver is asked about an address that is written out.
  if (isIP(literal) !== 0 && !allowed(literal, rules)) throw privateError(url.hostname);
  return url;
}

function allowed(address: string, { allowPrivate }: HttpRules): boolean {
  return allowPrivate || isPublicAddress(address);
}

function privateError(host: string): RequestError {
  return new RequestError(
    `${host} resolves to a private, loopback or link-local address; set \`allowPrivate: true\` to allow it`,
  );
}

async function allAddresses(host: string): Promise<readonly string[]> {
  return (await systemLookup(host, { all: true })).map(({ address }) => address);
}

async function readAnswer(answer: http.IncomingMessage, most: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new RequestError(`the answer is larger than ${most} bytes`, { tooLarge: true });
    chunks.push(chunk);
  }
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

/** Network trouble may pass; a certificate that does not hold will not. */
function asRequestError(error: Error, host: string, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason instanceof Error ? signal.reason : error;
  if (error instanceof RequestError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const lasting = /CERT|SSL|TLS|SELF_SIGNED|ALTNAME|ENOTFOUND|ERR_INVALID/.test(code);
  return new RequestError(`${host}: ${error.message}`, { retryable: !lasting });
}
