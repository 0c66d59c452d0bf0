import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { afterEach, describe, expect, it } from 'vitest';
import { splitSarif } from '../src/delivery/github/split-sarif.ts';
import { customWorld, manifestOf } from './rig/custom-world.ts';
import { type Received, type Reply, receiver } from './rig/delivery-rig.ts';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

const results = (count: number, text = 'x') =>
  Array.from({ length: count }, (_, index) => ({
    ruleId: `r${index % 3}`,
    ruleIndex: index % 3,
    message: { text: `${text}${index}` },
  }));
const sarif = (items: readonly object[]) =>
  JSON.stringify({
    $schema: 's',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'secplan', rules: ['r0', 'r1', 'r2', 'unused'].map((id) => ({ id })) } },
        results: items,
      },
    ],
  });
const opened = (gzip: Buffer) => JSON.parse(gunzipSync(gzip).toString()).runs;

describe('cut to what GitHub takes', () => {
  it('by results: each part its own category, nothing lost, rules of its own', () => {
    const { parts, tooLarge } = splitSarif(sarif(results(11)), 'secplan/a/b', { results: 5, gzipBytes: 1e6 });
    expect(parts.map(({ category, results: count }) => [category, count])).toEqual([
      ['secplan/a/b', 5],
      ['secplan/a/b/part-2', 5],
      ['secplan/a/b/part-3', 1],
    ]);
    expect(tooLarge).toBe(0);
    const runs = parts.flatMap(({ gzip }) => opened(gzip));
    expect(runs.map((run) => run.automationDetails.id)).toEqual([
      'secplan/a/b/',
      'secplan/a/b/part-2/',
      'secplan/a/b/part-3/',
    ]);
    for (const run of runs)
      for (const one of run.results) expect(run.tool.driver.rules[one.ruleIndex].id).toBe(one.ruleId);
    expect(
      runs.flatMap((run) => run.results.map((one: { message: { text: string } }) => one.message.text)),
    ).toEqual(results(11).map(({ message }) => message.text));
  });

  it('by bytes, and says what cannot be cut further; a report without results is one upload', () => {
    const noise = Array.from({ length: 40 }, () => crypto.randomUUID()).join('');
    const { parts, tooLarge } = splitSarif(sarif([...results(20), ...results(1, noise)]), 'c', {
      results: 5000,
      gzipBytes: 600,
    });
    expect([parts.reduce((sum, part) => sum + part.results, 0), tooLarge]).toEqual([20, 1]);
    expect(Math.max(...parts.map(({ gzip }) => gzip.length))).toBeLessThanOrEqual(600);
    expect(splitSarif(sarif([]), 'c').parts).toHaveLength(1);
  });
});

describe('code scanning', () => {
  it('sends what the published description of the API takes, and waits until it is processed', async () => {
    const { schemas } = createRequire(import.meta.url)('@octokit/openapi');
    const description = schemas['api.github.com'];
    const operation = description.paths['/repos/{owner}/{repo}/code-scanning/sarifs'].post;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', components: { schemas: description.components.schemas } });
    const schema = JSON.stringify(operation.requestBody.content['application/json'].schema).replaceAll(
      '"#/',
      '"api#/',
    );
    const validate = ajv.compile(JSON.parse(schema));
    // The check bites.
    expect(validate({ commit_sha: 'x', ref: 'refs/heads/main', sarif: '' })).toBe(false);
    const wrong: unknown[] = [];
    let polls = 0;
    const server = await receiver((request: Received): Reply => {
      if (request.headers.authorization !== 'Bearer gh-token-0009') return { status: 401 };
      if (request.method === 'POST' && request.url === '/repos/o/r/code-scanning/sarifs') {
        if (!validate(JSON.parse(request.body.toString()))) wrong.push(validate.errors);
        return { status: 202, body: JSON.stringify({ id: 'abc-1', url: 'https://api.github.com/x' }) };
      }
      if (request.method === 'GET' && request.url === '/repos/o/r/code-scanning/sarifs/abc-1') {
        polls += 1;
        return {
          status: 200,
          body: JSON.stringify({ processing_status: 'complete', analyses_url: null, errors: null }),
        };
      }
      return { status: 404 };
    });
    open.push({ dispose: server.close });
    const world = customWorld(
      manifestOf({
        secrets: { GH: 'env:GH' },
        delivery: {
          github: {
            repository: 'o/r',
            token: 'GH',
            apiUrl: server.origin,
            codeScanning: true,
            allowPrivate: true,
          },
        },
      }),
    );
    open.push(world);
    world.write('b.txt', 'FIXME\n');
    const none = await world.scan({ offline: false }, { env: { GH: 'gh-token-0009' } });
    expect(none.diagnostics.map(({ code }) => code)).toContain('SP6042');
    const { execFileSync } = await import('node:child_process');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
        cwd: world.workspace,
      });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
    const outcome = await world.scan({ offline: false }, { env: { GH: 'gh-token-0009' } });
    expect(outcome.scan?.delivery).toMatchObject([
      { state: 'delivered', detail: '1 results in 1 upload to o/r' },
    ]);
    expect([outcome.exitCode, wrong, polls]).toEqual([0, [], 1]);
    const body = JSON.parse(server.received[0]?.body.toString() ?? '');
    expect(body.ref).toBe('refs/heads/main');
    expect(opened(Buffer.from(body.sarif, 'base64'))[0].automationDetails.id).toBe('secplan/own/own/');
  });
});
