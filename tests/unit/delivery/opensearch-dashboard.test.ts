import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { indexTemplate, RUN_MAPPING, templateName } from '../../../src/delivery/opensearch/index-template.ts';
import { customWorld, MINE, manifestOf } from '../../support/custom-world.ts';
import { aggregationsOf, problemsOf, readExport, type SavedObject } from '../../support/saved-objects.ts';

const FOLDER = new URL('../../../manifests/examples/opensearch/', import.meta.url).pathname;
const TEXT = readFileSync(`${FOLDER}dashboard.ndjson`, 'utf8');
const REAL = process.env.SECPLAN_TEST_OPENSEARCH;
if (REAL === undefined)
  process.stderr.write(
    'SKIPPED: the panels on OpenSearch itself (SECPLAN_TEST_OPENSEARCH names none; docs/how-to/test-opensearch.md)\n',
  );

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

describe('the dashboard', () => {
  it('refers to what is there and asks for fields that the index template has', () => {
    expect(problemsOf(TEXT, RUN_MAPPING.properties)).toEqual([]);
    const shown = readExport(TEXT).flatMap(({ type, attributes }) =>
      type === 'index-pattern' || type === 'dashboard' ? [] : [attributes.title],
    );
    expect(shown).toEqual([
      'Verdicts over time',
      'Findings by severity',
      'New findings',
      'Findings by tool',
      'Incomplete scanners',
      'Runs that did not pass',
    ]);
  });

  it.each([
    [
      'a field that no run has',
      '"findings.critical',
      '"findings.dire',
      'findings.dire is not in the mapping',
    ],
    ['a mean of words', 'findings.critical', 'verdict', 'avg does not take verdict, which is keyword'],
    [
      'groups of a text',
      '\\"field\\":\\"verdict\\"',
      '\\"field\\":\\"headline\\"',
      'terms does not take headline',
    ],
    [
      'a nested field outside of it',
      '\\"field\\":\\"verdict\\"',
      '\\"field\\":\\"tools.tool\\"',
      'is in tools, asked for in none',
    ],
    [
      'another nested field',
      'tools.total',
      'stages.findings',
      'stages.findings is in stages, asked for in tools',
    ],
    ['a filter on nothing', 'stages.state', 'stages.status', 'stages.status is not in the mapping'],
    [
      'a column that no run has',
      '"notRun.stage"',
      '"notRun.name"',
      'the column notRun.name is not in the mapping',
    ],
    ['a query on nothing', 'not verdict', 'not outcome', 'the column outcome is not in the mapping'],
    ['another time', '"timeFieldName":"@timestamp"', '"timeFieldName":"time"', 'the column time is not'],
    [
      'a panel that does not exist',
      '"id":"secplan-tools","name"',
      '"id":"secplan-tool","name"',
      'refers to visualization/secplan-tool',
    ],
    [
      'a panel without a reference',
      '"name":"panel_2"',
      '"name":"panel_9"',
      'panel_2 is not among its references',
    ],
    ['panels on each other', '\\"x\\":24,\\"y\\":0', '\\"x\\":20,\\"y\\":0', 'panels 1 and 2 overlap'],
    ['a form of tomorrow', '"dashboard":"7.9.3"', '"dashboard":"9.0.0"', 'is of no known form'],
    ['a wrong count', '"exportedCount":8', '"exportedCount":7', 'counts wrong'],
  ])('would be told of %s', (_, was, is, problem) => {
    expect(TEXT).toContain(was);
    expect(problemsOf(TEXT.replaceAll(was, is), RUN_MAPPING.properties).join('\n')).toContain(problem);
  });

  it('comes with the index template that secplan puts, and a manifest that delivers to its index', () => {
    const template = JSON.parse(readFileSync(`${FOLDER}index-template.json`, 'utf8'));
    expect(template).toEqual(indexTemplate('secplan'));
    const pattern = readExport(TEXT).find(({ type }) => type === 'index-pattern');
    const manifest = readFileSync(`${FOLDER}secplan.yaml`, 'utf8');
    expect(manifest).toContain(`index: ${pattern?.attributes.title}\n`);
    const readme = readFileSync(`${FOLDER}README.md`, 'utf8');
    expect(readme).toContain(templateName('secplan'));
  });
});

describe.skipIf(REAL === undefined)('its panels on OpenSearch itself', { timeout: 60_000 }, () => {
  it('show the runs of an index', async () => {
    const index = `secplan-test-${randomBytes(6).toString('hex')}`;
    const ask = async (path: string, method = 'POST', body: unknown = undefined) => {
      const init = { method, headers: { 'content-type': 'application/json' } };
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${REAL}${path}`, { ...init, ...text });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    open.push({
      async dispose() {
        await ask(`/${index}`, 'DELETE');
        await ask(`/_index_template/${templateName(index)}`, 'DELETE');
      },
    });
    // One run with findings of which all are new, and one whose scanner fails.
    for (const command of [['./scan.py'], ['false']]) {
      const made = customWorld(
        manifestOf({
          tools: { custom: { mine: { ...MINE, command } } },
          policy: { budgets: { default: { new: { critical: 0 } } } },
          delivery: { opensearch: { url: REAL, index, allowPrivate: true } },
        }),
      );
      open.push(made);
      made.write('b.txt', 'FIXME\n');
      const { scan } = await made.scan({ offline: false });
      expect(scan?.delivery).toMatchObject([{ state: 'delivered', limits: [] }]);
    }
    await ask(`/${index}/_refresh`);
    const shown: Record<string, unknown> = {};
    for (const one of readExport(TEXT)) {
      if (one.type !== 'visualization') continue;
      const { aggs, property } = requestOf(one);
      const { status, body } = await ask(`/${index}/_search`, 'POST', { size: 0, aggs });
      expect([one.id, status, body.error]).toEqual([one.id, 200, undefined]);
      shown[one.id] = property
        .split('.')
        .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], body);
    }
    expect(shown['secplan-tools']).toMatchObject([{ key: 'mine', doc_count: 1, most: { value: 1 } }]);
    expect(shown['secplan-incomplete']).toMatchObject([
      { key: { tool: 'mine', reason: expect.any(String) }, doc_count: 1 },
    ]);
    expect(JSON.stringify(shown['secplan-verdicts'])).toMatch(
      /"key":"incomplete".*"key":"pass"|"key":"pass".*"key":"incomplete"/,
    );
    expect(JSON.stringify(shown['secplan-severities'])).toContain('"value":0.5');
    expect(JSON.stringify(shown['secplan-new-findings'])).toContain('"value":1');
  });
});

/** What Dashboards asks a cluster for a panel, with a day for the time span that it would choose. */
function requestOf(one: SavedObject): { readonly aggs: object; readonly property: string } {
  const { aggs, params } = JSON.parse(String(one.attributes.visState));
  if (params.spec !== undefined) {
    const { data } = JSON.parse(params.spec);
    return { aggs: data.url.body.aggs, property: data.format.property };
  }
  expect(aggregationsOf(one).length).toBeGreaterThan(0);
  const metrics = Object.fromEntries(
    aggs
      .filter(({ schema, type }: { schema: string; type: string }) => schema === 'metric' && type !== 'count')
      .map(({ id, type, params: { field } }: { id: string; type: string; params: { field: string } }) => [
        id,
        { [type]: { field } },
      ]),
  );
  const group = aggs.find(({ schema }: { schema: string }) => schema === 'group');
  const inner =
    group === undefined
      ? metrics
      : { group: { terms: { field: group.params.field, size: group.params.size }, aggs: metrics } };
  const time = aggs.find(({ schema }: { schema: string }) => schema === 'segment');
  return {
    aggs: { time: { date_histogram: { field: time.params.field, fixed_interval: '1d' }, aggs: inner } },
    property: 'aggregations.time.buckets',
  };
}
