import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createProxy, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.ts';
import { systemClock } from '../../../src/io/clock.ts';
import { type HttpRules, openHttpClient } from '../../../src/io/http/http-client.ts';
import { proxyFor } from '../../../src/io/http/proxy.ts';
import { downloadFile } from '../../../src/toolchain/shared/download.ts';

describe('proxyFor', () => {
  const P = 'http://proxy.example:3128';
  it.each<[string, string, Readonly<Record<string, string>>, string | undefined]>([
    ['no variable', 'https://a.example/x', {}, undefined],
    ['HTTPS_PROXY', 'https://a.example/x', { HTTPS_PROXY: P }, P],
    ['the lower-case one first', 'https://a.example/x', { HTTPS_PROXY: 'http://b', https_proxy: P }, P],
    ['an empty one is none', 'https://a.example/x', { https_proxy: '', HTTPS_PROXY: P }, P],
    ['the other scheme', 'http://a.example/x', { HTTPS_PROXY: P }, undefined],
    ['HTTP_PROXY', 'http://a.example/x', { HTTP_PROXY: P }, P],
    ['ALL_PROXY', 'https://a.example/x', { ALL_PROXY: P }, P],
    ['a proxy without a scheme', 'https://a.example/x', { HTTPS_PROXY: 'proxy.example:3128' }, P],
    [
      'NO_PROXY with the host',
      'https://a.example/x',
      { HTTPS_PROXY: P, NO_PROXY: 'b.example, a.example' },
      undefined,
    ],
    [
      'NO_PROXY with a domain',
      'https://a.b.example/x',
      { HTTPS_PROXY: P, NO_PROXY: '.b.example' },
      undefined,
    ],
    [
      'NO_PROXY with a starred domain',
      'https://a.b.example/x',
      { HTTPS_PROXY: P, no_proxy: '*.b.example' },
      undefined,
    ],
    ['NO_PROXY with a part of a name', 'https://ab.example/x', { HTTPS_PROXY: P, NO_PROXY: 'b.example' }, P],
    [
      'NO_PROXY with that port',
      'https://a.example/x',
      { HTTPS_PROXY: P, NO_PROXY: 'a.example:443' },
      undefined,
    ],
    ['NO_PROXY with another port', 'https://a.example/x', { HTTPS_PROXY: P, NO_PROXY: 'a.example:8443' }, P],
    ['NO_PROXY with everything', 'https://a.example/x', { HTTPS_PROXY: P, NO_PROXY: '*' }, undefined],
    ['this machine', 'https://127.0.0.1:8443/x', { HTTPS_PROXY: P }, undefined],
    ['this machine by name', 'http://localhost/x', { ALL_PROXY: P }, undefined],
  ])('%s', (_, url, env, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });
});

describe('behind a proxy', () => {
  const root = mkdtempSync(join(tmpdir(), 'secplan-proxy-'));
  const BODY = 'a release';
  let target: Server;
  let proxy: Server;
  let env: { HTTPS_PROXY: string; NO_PROXY?: string };
  let ca: string;
  let asked: string[] = [];

  beforeAll(async () => {
    const files = ['-keyout', join(root, 'key.pem'), '-out', join(root, 'cert.pem')];
    const names = ['-subj', '/CN=secplan.test', '-addext', 'subjectAltName=DNS:secplan.test'];
    const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...files, ...names];
    execFileSync('openssl', make, { stdio: 'ignore' });
    ca = readFileSync(join(root, 'cert.pem'), 'utf8');
    target = createServer({ key: readFileSync(join(root, 'key.pem')), cert: ca }, (_, answer) =>
      answer.end(BODY),
    ).listen(0, '127.0.0.1');
    // The one who knows the name: nobody else resolves it.
    proxy = createProxy().listen(0, '127.0.0.1');
    proxy.on('connect', (request, socket) => {
      asked.push(String(request.url));
      const { port } = target.address() as AddressInfo;
      const through = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      socket.once('error', () => through.destroy());
    });
    await Promise.all(
      [target, proxy].map((it) => it.listening || new Promise((go) => it.once('listening', go))),
    );
    env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(() => {
    target.close();
    proxy.close();
    rmSync(root, { recursive: true });
  });

  it('downloads a release through it, with the certificate of the host itself', async () => {
    const path = join(root, 'file');
    const url = 'https://secplan.test/demo';
    const options = { ca: [ca], env };
    expect(await downloadFile(url, sha256Hex(BODY), path, options)).toEqual({ ok: true, bytes: BODY.length });
    expect(asked).toEqual(['secplan.test:443']);
    expect(await downloadFile(url, sha256Hex(BODY), join(root, 'other'), { env })).toMatchObject({
      ok: false,
      problem: { detail: expect.stringMatching(/self-signed/) },
    });
    const direct = { ca: [ca], env: { ...env, NO_PROXY: '.test' } };
    expect(await downloadFile(url, sha256Hex(BODY), join(root, 'third'), direct)).toMatchObject({
      ok: false,
      problem: { detail: expect.stringMatching(/^secplan\.test cannot be reached/) },
    });
    expect(asked).toHaveLength(2);
  });

  const client = (more: Partial<HttpRules> = {}) =>
    openHttpClient({
      ...{ hosts: ['secplan.test'], allowPrivate: false, clock: systemClock, ca },
      signal: new AbortController().signal,
      proxyFor: (url) => proxyFor(url, env),
      ...more,
    });

  it('delivers through it, a name that only the proxy resolves too', async () => {
    const http = client({ resolveHost: () => Promise.reject(new Error('unknown here')) });
    const answer = await http.send({ method: 'GET', url: 'https://secplan.test/' });
    expect([answer.status, String(answer.body), asked]).toEqual([200, BODY, ['secplan.test:443']]);
    http.close();
  });

  it('asks it for no private address and no host that was not named', async () => {
    const inside = client({ resolveHost: async () => ['10.0.0.7'] });
    await expect(inside.send({ method: 'GET', url: 'https://secplan.test/' })).rejects.toThrow(/private/);
    await expect(inside.send({ method: 'GET', url: 'https://other.test/' })).rejects.toThrow(
      /not an allowed host/,
    );
    expect(asked).toEqual([]);
    inside.close();
  });
});
