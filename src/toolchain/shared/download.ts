import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { proxyAgent, proxyFor } from '../../io/http/proxy.ts';
import { type Attempt, refuse } from './problem.ts';

export interface DownloadOptions {
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: readonly string[];
  readonly maxBytes?: number;
  /** Without a byte for this long it fails. Milliseconds. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
  /** What names the proxy; default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const MAX_REDIRECTS = 5;

/**
 * Fetches a file over https, redirects to https only, and keeps it only when its sha256 is the pinned one.
 * SP4003 when it is not available or is cut off, SP4004 when it is another file.
 */
export async function downloadFile(
  url: string,
  sha256: string,
  path: string,
  options: DownloadOptions = {},
): Promise<Attempt<{ bytes: number }>> {
  const maxBytes = options.maxBytes ?? 2 ** 30;
  try {
    const response = await follow(new URL(url), options, MAX_REDIRECTS);
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      response,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path, { flags: 'wx' }),
    );
    const expected = response.headers['content-length'];
    if (expected !== undefined && Number(expected) !== bytes)
      throw new Error(`truncated after ${bytes} bytes`);
    const actual = hash.digest('hex');
    if (actual === sha256) return { ok: true, bytes };
    await rm(path, { force: true });
    return refuse('SP4004', `${url} has sha256 ${actual}, locked is ${sha256}`);
  } catch (error) {
    await rm(path, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const unreachable = code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ECONNREFUSED';
    return refuse(
      'SP4003',
      unreachable ? `${new URL(url).host} cannot be reached (${code})` : `${url}: ${message}`,
    );
  }
}

async function follow(url: URL, options: DownloadOptions, redirects: number): Promise<IncomingMessage> {
  if (url.protocol !== 'https:') throw new Error(`refused to follow to ${url.protocol}//${url.host}`);
  const response = await request(url, options);
  const status = response.statusCode ?? 0;
  if (status === 200) return response;
  response.destroy();
  const location = response.headers.location;
  if (status >= 300 && status < 400 && location !== undefined) {
    if (redirects === 0) throw new Error('too many redirects');
    return follow(new URL(location, url), options, redirects - 1);
  }
  throw new Error(`answered ${status}`);
}

async function request(url: URL, options: DownloadOptions): Promise<IncomingMessage> {
  const proxy = proxyFor(url, options.env);
  const agent = proxy === undefined ? undefined : await proxyAgent(proxy, true);
  return new Promise((resolve, reject) => {
    const started = get(
      url,
      {
        ...(agent === undefined ? {} : { agent }),
        ...(options.ca ? { ca: [...options.ca] } : {}),
        ...(options.signal ? { signal: options.signal } : {}),
        timeout: options.idleMs ?? 60_000,
      },
      resolve,
    );
    started.once('timeout', () => started.destroy(new Error('no answer in time')));
    started.once('error', reject);
  });
}
