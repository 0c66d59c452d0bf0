import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readExport } from '../../../src/stages/dependency-track/report.ts';

const CLIENT = new URL('../../../src/stages/dependency-track/assets/submit.py', import.meta.url).pathname;
const EXPORT = readFileSync(
  new URL('../../../src/stages/dependency-track/cases/findings/raw.report.json', import.meta.url),
  'utf8',
);
const KEY = 'odt_test_key_1234567890';
const made: { close(): void }[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.close();
});

interface Seen {
  readonly method: string | undefined;
  readonly path: string;
  readonly key: string | string[] | undefined;
  readonly body: string;
}

/** A server that takes a document, is busy with it for one question, and then has findings. */
async function server(answer?: (path: string) => { status: number; location?: string } | undefined) {
  const seen: Seen[] = [];
  let asked = 0;
  const own: Server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace(/^\/api\/v1\//, '');
    seen.push({
      method: request.method,
      path,
      key: request.headers['x-api-key'],
      body: await text(request),
    });
    const other = answer?.(path);
    if (other !== undefined) {
      response
        .writeHead(other.status, other.location === undefined ? {} : { location: other.location })
        .end();
      return;
    }
    const { export: findings } = JSON.parse(EXPORT) as { export: unknown };
    const answers: Readonly<Record<string, unknown>> = {
      bom: { token: 'a/b' },
      'bom/token/a%2Fb': { processing: asked++ === 1 },
      'project/lookup?name=shop&version=1.0': { uuid: 'one' },
      'metrics/project/one/current': { components: 3 },
      'finding/project/one/export': findings,
    };
    response.end(JSON.stringify(answers[path] ?? {}));
  });
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  made.push(own);
  return { seen, url: `http://127.0.0.1:${(own.address() as AddressInfo).port}` };
}

async function text(request: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of request) all += chunk;
  return all;
}

async function submit(url: string, key: string | undefined = KEY) {
  const folder = mkdtempSync(join(tmpdir(), 'secplan-test-'));
  made.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
  writeFileSync(join(folder, 'sbom.json'), '{"bomFormat":"CycloneDX"}');
  const settings = JSON.stringify({ url, project: 'shop', version: '1.0', waitSeconds: 30 });
  const argv = ['-I', CLIENT, join(folder, 'sbom.json'), join(folder, 'out.json'), settings];
  const env = { PATH: process.env.PATH, ...(key === undefined ? {} : { DTRACK_API_KEY: key }) };
  return new Promise<{ code: number; stderr: string; report: string | undefined }>((resolve) => {
    execFile('python3', argv, { env: env as NodeJS.ProcessEnv }, (error, _stdout, stderr) => {
      const report = error === null ? readFileSync(join(folder, 'out.json'), 'utf8') : undefined;
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr, report });
    });
  });
}

describe('the client of Dependency-Track', () => {
  it('hands the document over, waits, and leaves a report that is understood and holds no key', async () => {
    const { seen, url } = await server();
    const { code, report } = await submit(url);
    expect(code).toBe(0);
    expect(seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      'PUT bom',
      'GET bom/token/a%2Fb',
      'GET bom/token/a%2Fb',
      'GET project/lookup',
      'GET metrics/project/one/current',
      'GET finding/project/one/export',
    ]);
    expect(new Set(seen.map(({ key }) => key))).toEqual(new Set([KEY]));
    const { bom } = JSON.parse(seen[0]?.body ?? '') as { bom: string };
    expect(Buffer.from(bom, 'base64').toString()).toBe('{"bomFormat":"CycloneDX"}');
    expect(readExport(report)).toMatchObject({ ok: true, examined: { count: 3 } });
    expect(report).not.toContain(KEY);
  });

  it('fails with what happened, never with an empty report', async () => {
    const refused = await server((path) => (path === 'bom' ? { status: 401 } : undefined));
    expect(await submit(refused.url)).toMatchObject({ code: 1, stderr: expect.stringContaining('401') });
    expect(await submit('http://127.0.0.1:9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be reached'),
    });
    expect(await submit(refused.url, '')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DTRACK_API_KEY'),
    });
  });

  it('takes the key to no other host', async () => {
    const thief = await server();
    const { url } = await server((path) =>
      path === 'bom' ? { status: 307, location: `${thief.url}/api/v1/bom` } : undefined,
    );
    expect(await submit(url)).toMatchObject({ code: 1 });
    expect(thief.seen).toEqual([]);
  });
});
