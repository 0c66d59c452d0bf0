import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { Resolution, ResolveContext } from './context.ts';

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const MOST_BYTES = 4 * 2 ** 20;
const TIMEOUT_MS = 60_000;
const HUB = 'registry-1.docker.io';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/**
 * The digest that a tag has now, by the OCI distribution API (specification 1.1, section "Pulling manifests"): of the
 * index where there is one, so that it holds for every processor. The body is hashed here; what the registry says of its
 * digest is not looked at.
 */
export async function resolveImage(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const place = placeOf(context.package, context.mirror);
  if (place === undefined) return refuse('SP4003', `${context.package} is not an image name`);
  const tags = tagsOf(context.version);
  const said: string[] = [];
  for (const tag of tags) {
    try {
      const body = await manifest(place, tag, context.env);
      if (typeof body === 'number') {
        said.push(`${tag}: answered ${body}`);
        continue;
      }
      const hash = `sha256:${sha256Hex(body)}`;
      return {
        ok: true,
        resolution: { version: tag, packages: [{ name: context.package, version: tag, hashes: [hash] }] },
      };
    } catch (error) {
      const { cause } = error as Error;
      const why = cause instanceof Error ? cause.message : (error as Error).message;
      return refuse('SP4003', `${place.host}: ${why}`, 'Check that this machine can reach the registry.');
    }
  }
  return refuse('SP4003', `${place.host}/${place.repository} has no such tag: ${said.join(', ')}`);
}

/** Projects write their tags with and without a `v`. */
function tagsOf(version: string | undefined): readonly string[] {
  if (version === undefined) return ['latest'];
  return /^v?\d/.test(version)
    ? [version, version.startsWith('v') ? version.slice(1) : `v${version}`]
    : [version];
}

interface Place {
  readonly host: string;
  readonly repository: string;
}

function placeOf(name: string, mirror: string | undefined): Place | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/.test(name) || name.includes('..')) return undefined;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hosted = first === 'localhost' || /[.:]/.test(first);
  const rest = hosted ? name.slice(slash + 1) : name;
  const hub = !hosted || first === 'docker.io';
  const repository = hub && !rest.includes('/') ? `library/${rest}` : rest;
  return { host: mirror ?? (hub ? HUB : first), repository };
}

/** The bytes of a manifest, or the status of an answer that is none. @throws what fetch throws, and on an endless answer */
async function manifest(place: Place, tag: string, env: ResolveContext['env']): Promise<Uint8Array | number> {
  const url = `${baseOf(place.host)}/v2/${place.repository}/manifests/${tag}`;
  const login = await loginOf(place.host, env);
  let answer = await ask(url, { accept: ACCEPT });
  if (answer.status === 401) {
    const authorization = await authorize(answer.headers.get('www-authenticate') ?? '', place, login);
    if (authorization === undefined) return 401;
    answer = await ask(url, { accept: ACCEPT, authorization });
  }
  return answer.ok ? bytesOf(answer) : answer.status;
}

function baseOf(host: string): string {
  // Plain http is for registries of this machine only.
  return `${LOOPBACK.test(host) ? 'http' : 'https'}://${host}`;
}

function ask(url: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
}

async function bytesOf(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`a manifest of more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What a registry's challenge asks for: the login itself, or a token that its server gives for it. */
async function authorize(
  challenge: string,
  place: Place,
  login: string | undefined,
): Promise<string | undefined> {
  if (/^basic\b/i.test(challenge)) return login === undefined ? undefined : `Basic ${login}`;
  const realm = /\brealm="([^"]+)"/i.exec(challenge)?.[1];
  if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.host)) return undefined;
  const service = /\bservice="([^"]+)"/i.exec(challenge)?.[1];
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${place.repository}:pull`);
  const answer = await ask(url.href, login === undefined ? {} : { authorization: `Basic ${login}` });
  if (!answer.ok) return undefined;
  const body = JSON.parse(Buffer.from(await bytesOf(answer)).toString('utf8')) as Record<string, unknown>;
  const token = body.token ?? body.access_token;
  return typeof token === 'string' ? `Bearer ${token}` : undefined;
}

/** The login that `docker login` keeps for a registry, as it goes into the header; undefined where there is none. */
async function loginOf(host: string, env: ResolveContext['env']): Promise<string | undefined> {
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  try {
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as {
      auths?: Record<string, { auth?: unknown }>;
    };
    const entry = config.auths?.[host === HUB ? 'https://index.docker.io/v1/' : host];
    return typeof entry?.auth === 'string' && entry.auth !== '' ? entry.auth : undefined;
  } catch {
    return undefined;
  }
}
