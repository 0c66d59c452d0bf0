import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';

const MOTO = '5.1.18';
const PACKAGES = [`moto[s3]==${MOTO}`, 'flask', 'flask-cors'];

export interface S3Server {
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Whether it checks signatures and checksums; moto keeps what it gets. */
  readonly strict: boolean;
  close(): Promise<void>;
}

/**
 * A server that honours `If-None-Match: *`: the one that SECPLAN_TEST_S3 names (`http://key:secret@host:port`), else moto,
 * which uv installs into a folder of the user's cache once. Says loudly what is missing.
 */
export async function s3Server(): Promise<S3Server | undefined> {
  const named = process.env.SECPLAN_TEST_S3;
  if (named !== undefined) {
    const { origin, username, password } = new URL(named);
    return { origin, accessKey: username, secretKey: password, strict: true, close: async () => {} };
  }
  const skipped = (why: string): undefined => {
    process.stderr.write(`\nSKIPPED: deliveries to an S3 server: ${why}\n\n`);
  };
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const dir = join(cache, 'secplan-test', `moto-${MOTO}`);
  const python = join(dir, 'bin', 'python');
  if (!existsSync(join(dir, 'ready'))) {
    try {
      mkdirSync(join(cache, 'secplan-test'), { recursive: true });
      await promisify(execFile)('uv', ['venv', '--quiet', '--clear', dir], { timeout: 120_000 });
      await promisify(execFile)('uv', ['pip', 'install', '--quiet', '--python', python, ...PACKAGES], {
        timeout: 240_000,
      });
      writeFileSync(join(dir, 'ready'), '');
    } catch (error) {
      return skipped(`uv cannot install moto ${MOTO} (${(error as Error).message.split('\n')[0]})`);
    }
  }
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await portOf(child);
  if (port === undefined) return skipped(`moto does not start from ${dir}; remove that folder`);
  return {
    origin: `http://127.0.0.1:${port}`,
    accessKey: 'store-access-key-0001',
    secretKey: 'store secret/key+0002 that leaks nowhere',
    strict: false,
    close: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function portOf(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
      const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('close', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  });
}

/** A client of the tests' own, to see what the server really holds. */
export function s3Reader({ origin, accessKey, secretKey }: S3Server, bucket: string) {
  const client = new AwsClient({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    service: 's3',
    region: 'us-east-1',
    retries: 0,
  });
  const urlOf = (key: string): string =>
    `${origin}/${bucket}${key === '' ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`}`;
  const ask = (
    key: string,
    init: { method?: string; body?: Uint8Array; headers?: Record<string, string> },
    query = '',
  ) => client.fetch(`${urlOf(key)}${query}`, init as never);
  const keysIn = (xml: string): string[] =>
    [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key.replaceAll('&amp;', '&'));
  return {
    makeBucket: () => ask('', { method: 'PUT' }),
    put: (key: string, body: Uint8Array) => ask(key, { method: 'PUT', body }),
    get: async (key: string) => Buffer.from(await (await ask(key, {})).arrayBuffer()),
    head: async (key: string) =>
      (await ask(key, { method: 'HEAD', headers: { 'x-amz-checksum-mode': 'ENABLED' } })).headers,
    keys: async () => keysIn(await (await ask('', {}, '?list-type=2&max-keys=1000')).text()),
    /** Keys with uploads that nobody has ended. */
    pending: async () => keysIn(await (await ask('', {}, '?uploads=')).text()),
  };
}
