import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../src/app/contract/scan-types.ts';
import { installedLibrary } from '../support/installed.ts';

const { runScan } = await installedLibrary();

const RIG = new URL('../support/', import.meta.url).pathname;
const TOKEN = 'e2e-token-7f3a91c04d';
let root: string;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-api-')));
  server = spawn('python3', ['-u', join(RIG, 'flawed-api/server.py'), '0'], {
    env: { PATH: process.env.PATH, FLAWED_API_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error('the API ended before it listened')));
    server.stdout?.once('data', (chunk) => resolve(String(chunk).trim()));
  });
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  server.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

interface Run {
  readonly outcome: ScanOutcome;
  readonly bundle: string;
}

/** A whole run of both tools, with the real programs, on what listens at a URL. */
async function scan(name: string, target: string, auth: boolean): Promise<Run> {
  const workspace = join(root, name);
  mkdirSync(workspace);
  cpSync(join(RIG, 'flawed-api'), join(workspace, 'api'), { recursive: true });
  const api = {
    name: 'api',
    url: target,
    openapi: 'api/openapi.json',
    postman: 'api/collection.json',
    ...(auth ? { auth: { type: 'bearer', secret: 'API_TOKEN' } } : {}),
  };
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'api' },
    targets: { http: [api] },
    ...(auth ? { secrets: { API_TOKEN: 'env:API_TOKEN' } } : {}),
    profiles: { api: { tools: { enable: ['schemathesis', 'newman'] } } },
  };
  writeFileSync(join(workspace, 'secplan.json'), JSON.stringify(manifest));
  const exportDir = join(root, `${name}-out`);
  const outcome = await runScan({
    cwd: workspace,
    env: { ...process.env, SECPLAN_CACHE_DIR: join(root, `${name}-cache`), API_TOKEN: TOKEN },
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
    options: { profile: 'api', exportDir, trustWorkspace: true },
  });
  return { outcome, bundle: join(exportDir, 'latest') };
}

function results({ outcome }: Run): Record<string, unknown> {
  return Object.fromEntries(
    (outcome.scan?.results ?? []).map((result) => [
      result.tool,
      result.state === 'done'
        ? result.findings.map(({ message }) => message).sort()
        : result.state === 'incomplete'
          ? result.failure.reason
          : result.state,
    ]),
  );
}

function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => readFileSync(join(item.parentPath, item.name), 'latin1'))
    .join('\n');
}

describe('Schemathesis and Newman on a small API with real flaws', { timeout: 300_000 }, () => {
  it('find them, as a stranger', async () => {
    const run = await scan('stranger', url, false);
    expect(results(run)).toEqual({
      newman: ['health: sends nosniff', 'me: knows me', 'users / quote in a name: is no server error'],
      schemathesis: expect.arrayContaining([
        'GET /users: Server error (ST101)',
        'GET /users/{id}: Response violates schema (ST108)',
      ]),
    });
    const summary = readFileSync(join(run.bundle, 'summary.json'), 'utf8');
    expect(summary).toContain('answered by 401 or 403 only: GET /me');
  });

  it('find them with a credential that is used and told nowhere', async () => {
    const run = await scan('known', url, true);
    expect(results(run)).toEqual({
      newman: ['health: sends nosniff', 'users / quote in a name: is no server error'],
      schemathesis: expect.arrayContaining(['GET /users: Server error (ST101)']),
    });
    const bundle = everything(run.bundle);
    expect(bundle).toContain('"contract/server-error"');
    expect(bundle).not.toContain('answered by 401 or 403 only');
    expect(bundle).not.toContain(TOKEN);
    expect(bundle).not.toContain(Buffer.from(TOKEN).toString('base64'));
  });

  it('are incomplete on a server that is not there, never clean', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const run = await scan('dead', `http://127.0.0.1:${port}`, false);
    expect(results(run)).toEqual({ newman: 'unreachable', schemathesis: 'unreachable' });
    expect(run.outcome.exitCode).toBe(3);
    expect(JSON.parse(readFileSync(join(run.bundle, 'verdict.json'), 'utf8'))).toMatchObject({
      outcome: 'incomplete',
    });
  });
});
