import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import {
  RUN_MAPPING,
  TEMPLATE_VERSION,
  templateName,
} from '../../../src/delivery/opensearch/index-template.ts';
import { runDocument } from '../../../src/delivery/opensearch/run-document.ts';
import { type BundleContent, readBundle } from '../../../src/evidence/bundle/read-bundle.ts';
import { type CliRun, startCli } from '../../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../../support/custom-world.ts';
import { type Received, type Receiver, type Reply, receiver } from '../../support/delivery-rig.ts';
import { opensearchDouble } from '../../support/opensearch-double.ts';

const PASSWORD = 'cluster password/0005 that+leaks nowhere';
const TOKEN = 'bearer-token-0006';
const REAL = process.env.SECPLAN_TEST_OPENSEARCH;
if (REAL === undefined)
  process.stderr.write(
    'SKIPPED: OpenSearch itself (SECPLAN_TEST_OPENSEARCH names none; docs/how-to/test-opensearch.md)\n',
  );

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

async function serve(
  answer: (request: Received, count: number) => Reply | 'hang' | 'drop',
): Promise<Receiver> {
  const made = await receiver(answer);
  open.push({ dispose: made.close });
  return made;
}

function world(to: object, over: Readonly<Record<string, unknown>> = {}): CustomWorld {
  const delivery = { opensearch: { index: 'runs', allowPrivate: true, ...to } };
  const made = customWorld(manifestOf({ secrets: { PW: 'env:PW', TOKEN: 'env:TOKEN' }, delivery, ...over }));
  open.push(made);
  return made;
}

const env = { PW: PASSWORD, TOKEN };
const scanned = (made: CustomWorld, offline = false) => made.scan({ offline }, { env });
const bundleOf = ({ scan }: ScanOutcome): string => scan?.bundleDir ?? '';
const idOf = (outcome: ScanOutcome): string => bundleOf(outcome).split('/').pop() ?? '';
// How memory is limited depends on the machine.
const told = ({ diagnostics }: ScanOutcome) => diagnostics.filter(({ code }) => code !== 'SP5009');
const codes = (outcome: ScanOutcome): string[] => told(outcome).map(({ code }) => code);

function cli(made: CustomWorld): CliRun {
  return startCli(
    ['deliver', '--json', '--trust-workspace', '--export-dir', made.exportDir],
    made.workspace,
    {
      PATH: '/usr/bin:/bin',
      HOME: made.root,
      SECPLAN_CACHE_DIR: join(made.root, 'cache'),
      ...env,
    },
  );
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validRun = ajv.compile(
  JSON.parse(readFileSync(new URL('../../../schema/opensearch-run.schema.json', import.meta.url), 'utf8')),
);

/** Every leaf of a document or of a mapping, with dots. */
function leaves(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => leaves(item, at)))];
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, at === '' ? name : `${at}.${name}`));
}
function mapped(properties: object, at = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) =>
    'properties' in field ? mapped(field.properties, `${at}${name}.`) : [`${at}${name}`],
  );
}

describe('the double', () => {
  it.each([
    ['an unknown path', 'PUT', '/runs/_doc2/a', '{}', 'no operation'],
    ['an unknown parameter', 'PUT', '/runs/_create/a?op=create', '{}', 'unrecognized parameter'],
    ['a body that is no object', 'PUT', '/runs/_create/a', '[]', 'must be object'],
    ['a body where there is none', 'GET', '/runs/_doc/a', '{}', 'has no body'],
    ['a template without patterns', 'PUT', '/_index_template/t', '{"version":1}', 'index_patterns'],
    [
      'a field of an unknown type',
      'PUT',
      '/_index_template/t',
      '{"index_patterns":["a"],"template":{"mappings":{"properties":{"a":{"type":"strnig"}}}}}',
      'must match',
    ],
    ['a key that no mapping has', 'PUT', '/runs/_mapping', '{"dynamics":true}', 'additional properties'],
  ])('refuses %s', (_, method, url, body, why) => {
    const double = opensearchDouble();
    const headers = { 'content-type': 'application/json' };
    const reply = double.answer({ method, url, headers, body: Buffer.from(body) });
    expect([reply.status, double.refused.length, double.templates.size, double.documents.size]).toEqual([
      400, 1, 0, 0,
    ]);
    expect(double.refused[0]).toContain(why);
  });
});

/** The same promises of the double and, where the environment names one, of OpenSearch itself. */
describe.each([
  ['the double', undefined],
  ['OpenSearch itself', REAL ?? 'none'],
])('a run put into %s', (_, address) => {
  const index = `secplan-test-${randomBytes(6).toString('hex')}`;

  async function cluster() {
    if (address === undefined) {
      const double = opensearchDouble();
      const server = await serve((request) => double.answer(request));
      return {
        url: server.origin,
        check: () => expect(double.refused).toEqual([]),
        replace: async (id: string, source: object) => void double.documents.set(`${index}/${id}`, source),
      };
    }
    open.push({
      async dispose() {
        await fetch(`${address}/${index}`, { method: 'DELETE' });
        await fetch(`${address}/_index_template/${templateName(index)}`, { method: 'DELETE' });
      },
    });
    return {
      url: address,
      check: () => {},
      replace: async (id: string, source: object) =>
        void (await ask(address, `/${index}/_doc/${id}`, 'PUT', source)),
    };
  }
  const ask = async (url: string, path: string, method = 'GET', body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Record<string, unknown>;
  };

  it.skipIf(address === 'none')('is one document that says it all, under the id of its bundle', async () => {
    const { url, check } = await cluster();
    const made = world({ url, index }, { policy: { budgets: { default: { low: 0, new: { high: 0 } } } } });
    made.write('b.txt', 'FIXME\n');
    const outcome = await scanned(made);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.scan?.delivery).toMatchObject([
      {
        id: 'deliver:opensearch',
        state: 'delivered',
        detail: `the run to ${index}/${idOf(outcome)}`,
        limits: [],
      },
    ]);
    const { _source: source } = await ask(url, `/${index}/_doc/${idOf(outcome)}`);
    expect(source).toMatchObject({
      schema: 'https://secplan.dev/schema/opensearch-run/v1',
      bundle: idOf(outcome),
      name: 'own',
      profile: 'own',
      verdict: 'fail',
      exitCode: 1,
      partial: false,
      planDigest: outcome.scan?.summary.planDigest,
      findings: { total: 1, low: 1, critical: 0, new: 1 },
      tools: [{ tool: 'mine', total: 1, low: 1 }],
      budgets: expect.arrayContaining([
        { scope: 'overall', severity: 'low', limit: 0, count: 1, exceeded: true },
      ]),
      stages: expect.arrayContaining([
        expect.objectContaining({ tool: 'mine', state: 'done', findings: 1, durationMs: expect.any(Number) }),
      ]),
      coverage: { done: 1, incomplete: 0 },
      newFindings: [{ rule: 'fixme', path: 'b.txt', line: 1, tool: ['mine'], severity: 'low' }],
      newFindingsLeftOut: 0,
    });
    expect([validRun(source), validRun.errors]).toEqual([true, null]);
    const unmapped = leaves(source).filter((path) => !mapped(RUN_MAPPING.properties).includes(path));
    expect(unmapped).toEqual([]);
    check();
  });

  it.skipIf(address === 'none')(
    'again is there; another document under its id is told and stays',
    async () => {
      const { url, check, replace } = await cluster();
      const made = world({ url, index });
      const outcome = await scanned(made);
      const id = idOf(outcome);
      const before = await ask(url, `/${index}/_doc/${id}`);
      writeFileSync(`${bundleOf(outcome)}.delivery.jsonl`, '');
      const again = await cli(made).ended;
      expect([again.code, JSON.parse(again.stdout).delivery[0].detail]).toEqual([
        0,
        `the run to ${index}/${id}, which already had it`,
      ]);
      expect(await ask(url, `/${index}/_doc/${id}`)).toEqual(before);
      // Somebody makes it another run's, and then a better one than it was.
      for (const over of [{ bundleDigest: '0'.repeat(64) }, { exitCode: 4 }]) {
        await replace(id, { ...(before._source as object), ...over });
        writeFileSync(`${bundleOf(outcome)}.delivery.jsonl`, '');
        const { code, stdout } = await cli(made).ended;
        const [found] = JSON.parse(stdout).diagnostics;
        expect([code, found.code, found.summary]).toEqual([
          3,
          'SP6042',
          expect.stringContaining(`a different document already has the id ${id}; it was not overwritten`),
        ]);
        expect((await ask(url, `/${index}/_doc/${id}`))._source).toMatchObject(over);
      }
      check();
    },
  );

  it.skipIf(address === 'none')(
    'puts its index template where there is none or an older one, and leaves a newer one',
    async () => {
      const { url, check } = await cluster();
      const path = `/_index_template/${templateName(index)}`;
      const made = world({ url, index });
      const versionAfter = async (version: number | undefined) => {
        if (version !== undefined)
          await ask(url, path, 'PUT', { index_patterns: [index], priority: 200, version });
        const outcome = await scanned(made);
        expect(outcome.scan?.delivery).toMatchObject([{ state: 'delivered', limits: [] }]);
        const { index_templates: templates } = await ask(url, path);
        return (templates as unknown as { index_template: { version: number } }[])[0]?.index_template.version;
      };
      expect(await versionAfter(undefined)).toBe(TEMPLATE_VERSION);
      expect(await versionAfter(TEMPLATE_VERSION - 1)).toBe(TEMPLATE_VERSION);
      expect(await versionAfter(TEMPLATE_VERSION + 7)).toBe(TEMPLATE_VERSION + 7);
      check();
    },
  );

  it.skipIf(address === undefined || address === 'none')(
    'indexes what the mapping names, and nothing else',
    async () => {
      const { url } = await cluster();
      const made = world({ url, index });
      made.write('b.txt', 'FIXME\n');
      await scanned(made);
      const stored = await ask(url, `/${index}/_mapping`);
      expect(stored[index]).toEqual({
        mappings: JSON.parse(JSON.stringify(RUN_MAPPING), (key, value) =>
          key === 'dynamic' ? 'false' : value,
        ),
      });
      await ask(url, `/${index}/_doc/foreign`, 'PUT', { verdict: 'pass', 'x.y': 1, notRun: [{ z: 1 }] });
      expect(await ask(url, `/${index}/_mapping`)).toEqual(stored);
      await ask(url, `/${index}/_refresh`, 'POST');
      const { hits } = await ask(url, `/${index}/_search`, 'POST', {
        query: {
          nested: {
            path: 'tools',
            query: {
              bool: { must: [{ term: { 'tools.tool': 'mine' } }, { range: { 'tools.low': { gte: 1 } } }] },
            },
          },
        },
      });
      expect((hits as { total: { value: number } }).total.value).toBe(1);
    },
  );
});

describe('the document', () => {
  const finding = (category: string, index: number) => ({
    fingerprint: `${category}-${index}`,
    category,
    severity: 'high',
    target: 'source',
    rule: { id: `R${index}` },
    message: `line one\n${'long '.repeat(200)}`,
    accounts: [{ tool: 'a' }, { tool: 'b' }, { tool: 'a' }],
  });
  const content = async (count: number) => {
    const outcome = await world({ url: 'http://127.0.0.1:9' }).scan({ offline: true }, { env });
    const read = await readBundle(bundleOf(outcome));
    if (!read.ok) throw new Error('no bundle');
    const findings = Array.from({ length: count }, (_, at) => finding(at % 2 ? 'privacy' : 'sast', at));
    const fresh = findings.map(({ fingerprint }) => fingerprint);
    const counts = read.value.verdict.counts;
    const comparison = { with: 'baseline', gone: 0, counts, new: fresh, existing: 0 };
    const verdict = { ...read.value.verdict, comparison };
    return { ...read.value, findings, verdict } as unknown as BundleContent;
  };
  const git = { sha: null, ref: null, repository: null, tags: [] };

  it('lists no finding about personal data unless told to, and says how many are left out', async () => {
    const of = await content(4);
    for (const [includePrivacy, listed] of [
      [false, ['sast', 'sast']],
      [true, ['sast', 'privacy', 'sast', 'privacy']],
    ] as const) {
      const made = runDocument({ content: of, bundleDigest: '', git, includePrivacy }) as {
        newFindings: { category: string; tool: string[] }[];
        newFindingsLeftOut: number;
      };
      expect(made.newFindings.map(({ category }) => category)).toEqual(listed);
      expect(made.newFindings[0]?.tool).toEqual(['a', 'b']);
      expect(made.newFindingsLeftOut).toBe(4 - listed.length);
      expect(validRun({ ...made, bundleDigest: '0'.repeat(64) })).toBe(true);
      // The schema bites.
      expect(validRun({ ...made, bundleDigest: '' })).toBe(false);
      expect(validRun({ ...made, bundleDigest: '0'.repeat(64), foreign: 1 })).toBe(false);
    }
  });

  it('is bounded, whatever a run found', async () => {
    const made = runDocument({
      content: await content(50_000),
      bundleDigest: '',
      git,
      includePrivacy: true,
    }) as { newFindings: { message: string }[]; newFindingsLeftOut: number };
    expect([made.newFindings.length, made.newFindingsLeftOut]).toEqual([200, 49_800]);
    expect(made.newFindings[0]?.message).toMatch(/^line one long .{280,300}…$/);
    expect(JSON.stringify(made).length).toBeLessThan(2 ** 18);
  });
});

describe('a secret that was declared only after the bundle was sealed', () => {
  it('is taken out of the document: what is sent is redacted with what is known now', async () => {
    const double = opensearchDouble();
    const server = await serve((request) => double.answer(request));
    const budgets = { policy: { budgets: { default: { new: { critical: 0 } } } } };
    const made = customWorld(manifestOf(budgets));
    open.push(made);
    made.write(`of ${TOKEN}.txt`, 'FIXME\n');
    const outcome = await made.scan();
    const sarif = readFileSync(join(bundleOf(outcome), 'findings.sarif'), 'utf8');
    expect(sarif).toContain(TOKEN);
    const opensearch = { url: server.origin, index: 'runs', token: 'TOKEN', allowPrivate: true };
    const declared = { ...budgets, secrets: { TOKEN: 'env:TOKEN' }, delivery: { opensearch } };
    made.write('secplan.json', JSON.stringify(manifestOf(declared)));
    expect((await cli(made).ended).code).toBe(0);
    const [document] = [...double.documents.values()];
    expect(JSON.stringify(document)).toContain('of [redacted].txt');
    for (const { body } of server.received) expect(body.toString()).not.toContain(TOKEN);
  });
});

describe('credentials and trouble', () => {
  it('go as basic authentication or as a bearer token, from declared secrets', async () => {
    for (const [to, header] of [
      [{ username: 'ann', password: 'PW' }, `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`],
      [{ token: 'TOKEN' }, `Bearer ${TOKEN}`],
      [{}, undefined],
    ] as const) {
      const double = opensearchDouble();
      const server = await serve((request) => double.answer(request));
      const outcome = await scanned(world({ url: server.origin, ...to }));
      expect([outcome.exitCode, codes(outcome), double.refused]).toEqual([0, [], []]);
      expect(new Set(server.received.map(({ headers }) => headers.authorization))).toEqual(new Set([header]));
    }
    for (const to of [{ username: 'ann' }, { token: 'TOKEN', username: 'ann', password: 'PW' }]) {
      const outcome = await scanned(world({ url: 'http://127.0.0.1:9', ...to }));
      expect([outcome.exitCode, codes(outcome)]).toEqual([2, ['SP6040']]);
    }
    const undeclared = await scanned(world({ url: 'http://127.0.0.1:9', token: 'OTHER' }));
    expect([undeclared.exitCode, codes(undeclared)]).toEqual([2, ['SP2013']]);
  });

  it('a refusal makes 0 a 3 and is a dead letter; a redirect is not followed; a busy cluster is asked again', async () => {
    const other = await serve(() => ({ status: 200 }));
    let mode: Reply | undefined = {
      status: 403,
      body: '{"error":{"type":"security_exception","reason":"no permissions"}}',
    };
    let busy = 2;
    const double = opensearchDouble();
    const server = await serve((request) => {
      if (mode !== undefined) return mode;
      if (busy > 0) {
        busy -= 1;
        return { status: busy === 1 ? 429 : 503, headers: { 'retry-after': '0' } };
      }
      return double.answer(request);
    });
    const made = world({ url: server.origin });
    const outcome = await scanned(made);
    expect([outcome.exitCode, codes(outcome), outcome.scan?.verdict.outcome]).toEqual([
      3,
      ['SP6042'],
      'pass',
    ]);
    expect(told(outcome)[0]?.summary).toContain('(security_exception: no permissions)');
    expect(existsSync(`${bundleOf(outcome)}.dead-letter.jsonl`)).toBe(true);
    mode = { status: 307, headers: { location: `${other.origin}/` } };
    expect((await cli(made).ended).code).toBe(3);
    expect(other.received).toHaveLength(0);
    mode = undefined;
    expect((await cli(made).ended).code).toBe(0);
    expect(existsSync(`${bundleOf(outcome)}.dead-letter.jsonl`)).toBe(false);
    expect([double.documents.size, double.refused]).toEqual([1, []]);
    const optional = world({ url: `${server.origin}/x`, optional: true });
    expect(codes(await scanned(optional))).toEqual(['SP6043']);
  });

  it('plain http and private addresses are refused unless allowed, and nothing is sent', async () => {
    const server = await serve(() => ({ status: 200 }));
    const { port } = new URL(server.origin);
    const plain = await scanned(world({ url: server.origin, allowPrivate: false }));
    expect([plain.exitCode, codes(plain)]).toEqual([2, ['SP6041']]);
    const near = await scanned(world({ url: `https://localhost:${port}`, allowPrivate: false }));
    expect([near.exitCode, codes(near)]).toEqual([3, ['SP6042']]);
    expect(told(near)[0]?.summary).toContain('private, loopback or link-local');
    expect(server.received).toHaveLength(0);
  });

  it('an account that may not keep templates delivers all the same, and it is said', async () => {
    const double = opensearchDouble();
    const server = await serve((request) =>
      request.url.startsWith('/_index_template') ? { status: 403 } : double.answer(request),
    );
    const outcome = await scanned(world({ url: server.origin }));
    expect([outcome.exitCode, codes(outcome), double.documents.size]).toEqual([0, ['SP6045'], 1]);
    expect(told(outcome)[0]?.summary).toContain('secplan-runs could not be stored');
  });

  it('an answer that got lost is no second document', async () => {
    const double = opensearchDouble();
    let lost = false;
    const server = await serve((request) => {
      const reply = double.answer(request);
      if (lost || !request.url.includes('/_create/')) return reply;
      lost = true;
      return 'drop';
    });
    const outcome = await scanned(world({ url: server.origin }));
    expect([outcome.exitCode, codes(outcome), lost, double.documents.size]).toEqual([0, [], true, 1]);
  });
});
