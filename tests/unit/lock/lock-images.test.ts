import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { baseImage } from '../../../src/lock/base-image.ts';
import { emptyLock, sealEntry, serializeLock } from '../../../src/lock/lock.ts';
import { parseLock } from '../../../src/lock/read-lock.ts';
import { lockTool } from '../../../src/toolchain/lock-tools.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';
import { cliPlace } from '../../support/cli.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const INDEX = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [],
});
const DIGEST = `sha256:${createHash('sha256').update(INDEX).digest('hex')}`;

interface Registry {
  readonly host: string;
  readonly asked: string[];
}

/** A registry on loopback; with `token` it asks for one, and its server for a login. */
async function registry(
  over: { token?: boolean; login?: string; endless?: boolean; tags?: string[] } = {},
): Promise<Registry> {
  const asked: string[] = [];
  let host = '';
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
    if (request.url?.startsWith('/token') === true) {
      const allowed = over.login === undefined || request.headers.authorization === `Basic ${over.login}`;
      response.writeHead(allowed ? 200 : 401).end(JSON.stringify({ token: 'abc' }));
      return;
    }
    if (over.token === true && request.headers.authorization !== 'Bearer abc') {
      const challenge = `Bearer realm="http://${host}/token",service="registry.test",scope="ignored"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    const tag = request.url?.split('/').at(-1) ?? '';
    if (!(over.tags ?? ['1.2.3']).includes(tag)) {
      response.writeHead(404).end();
      return;
    }
    // What it says of its digest is a lie.
    response.writeHead(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` });
    response.end(over.endless === true ? Buffer.alloc(5 * 2 ** 20) : INDEX);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, asked };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'secplan-test-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function lock(
  name: string,
  version: string | undefined,
  over: { mirror?: string; home?: string } = {},
) {
  const home = over.home ?? folder();
  return lockTool('x', { name: 'image', kind: 'image', package: name }, version, {
    store: openStore(join(home, 'tools')),
    lock: emptyLock(),
    workspace: null,
    mirror: over.mirror,
    env: { PATH: '/usr/bin:/bin', HOME: home },
  });
}

describe('an image’s digest', () => {
  it('is that of the bytes which the registry gives, not what it says of them', async () => {
    const { host, asked } = await registry();
    const outcome = await lock(`${host}/org/tool`, '1.2.3');
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        kind: 'image',
        version: '1.2.3',
        packages: [{ name: `${host}/org/tool`, version: '1.2.3', hashes: [DIGEST] }],
      },
    });
    expect(asked).toEqual(['/v2/org/tool/manifests/1.2.3']);
  });

  it('is found under a tag with or without a v', async () => {
    const { host } = await registry({ tags: ['v1.2.3'] });
    expect(await lock(`${host}/org/tool`, '1.2.3')).toMatchObject({ ok: true, value: { version: 'v1.2.3' } });
  });

  it('is asked for at the mirror, Docker Hub’s short names in full', async () => {
    const { host, asked } = await registry({ tags: ['bookworm-scm'] });
    expect(await lock('buildpack-deps', 'bookworm-scm', { mirror: host })).toMatchObject({ ok: true });
    expect(asked).toEqual(['/v2/library/buildpack-deps/manifests/bookworm-scm']);
  });

  it('is had with a token, and with the login that docker keeps', async () => {
    const login = Buffer.from('ann:secret').toString('base64');
    const { host, asked } = await registry({ token: true, login });
    expect(await lock(`${host}/org/tool`, '1.2.3')).toMatchObject({ ok: false });
    const home = folder();
    mkdirSync(join(home, '.docker'));
    writeFileSync(
      join(home, '.docker', 'config.json'),
      JSON.stringify({ auths: { [host]: { auth: login } } }),
    );
    expect(await lock(`${host}/org/tool`, '1.2.3', { home })).toMatchObject({ ok: true });
    expect(asked.at(-1)).toBe('/v2/org/tool/manifests/1.2.3 Bearer abc');
    expect(asked.at(-2)).toBe(
      `/token?service=registry.test&scope=repository%3Aorg%2Ftool%3Apull Basic ${login}`,
    );
  });

  it.each([
    [
      'is nothing for a tag that does not exist',
      { tags: [] },
      '1.2.3',
      'no such tag: 1.2.3: answered 404, v1.2.3: answered 404',
    ],
    ['is not read out of an answer without end', { endless: true }, '1.2.3', 'more than 4194304 bytes'],
  ])('%s', async (_, over, version, said) => {
    const { host } = await registry(over);
    const outcome = await lock(`${host}/org/tool`, version);
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify(outcome)).toContain(said);
  });

  it('is not asked for where a name leads elsewhere', async () => {
    expect(await lock('../../etc', '1')).toMatchObject({ ok: false });
  });
});

describe('the base image', () => {
  const entry = sealEntry({
    kind: 'image',
    package: 'docker.io/library/debian',
    version: 'bookworm',
    packages: [{ name: 'docker.io/library/debian', version: 'bookworm', hashes: [DIGEST] }],
  });
  const pinned = { ...emptyLock(), images: { 'base-image': entry } };

  it('is the environment’s, else the lock’s, else a tag', () => {
    expect(baseImage(pinned, {})).toEqual({ image: `docker.io/library/debian@${DIGEST}`, pinned: true });
    expect(baseImage(pinned, { SECPLAN_DAGGER_BASE_IMAGE: 'mine:1' })).toEqual({
      image: 'mine:1',
      pinned: false,
    });
    expect(baseImage(emptyLock(), {}).pinned).toBe(false);
  });

  it('stands in a lock that is read back, and nothing but an image does', () => {
    const text = serializeLock(pinned);
    expect(parseLock(text, 'x')).toMatchObject({ ok: true, value: pinned });
    const wrong = { ...emptyLock(), images: { 'base-image': { ...entry, kind: 'pypi' } } };
    expect(JSON.stringify(parseLock(JSON.stringify(wrong), 'x'))).toContain(
      'images.base-image.kind is not image',
    );
  });

  it('is pinned by `tools lock base-image`, through the manifest’s mirror', async () => {
    const { host } = await registry({ tags: ['bookworm-scm', '3.3.30'] });
    using place = cliPlace();
    const manifest = {
      apiVersion: 'secplan/v1',
      metadata: { name: 'x' },
      runtime: { default: 'dagger', registryMirror: host },
    };
    writeFileSync(join(place.dir, 'secplan.json'), JSON.stringify(manifest));
    const ran = await place.secplan(['tools', 'lock', 'base-image', '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const written = parseLock(readFileSync(join(place.dir, 'tools.lock.json'), 'utf8'), 'x');
    expect(written).toMatchObject({
      ok: true,
      value: { images: { 'base-image': { version: 'bookworm-scm', packages: [{ hashes: [DIGEST] }] } } },
    });
    // A tool's image is looked for at the version that its package has.
    const tool = await place.secplan(['tools', 'lock', 'checkov', '--provider', 'image', '--json']);
    expect(tool.code, tool.stderr).toBe(0);
    expect(JSON.parse(tool.stdout)).toMatchObject({
      pinned: [{ tool: 'checkov', provider: 'image', version: '3.3.30' }],
    });
  });
});
