import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { loadManifest } from '../../../src/compiler/read/load.ts';
import { fillTemplate, slackText } from '../../../src/delivery/notify/fill-template.ts';
import { cutText, holdSlackLimits } from '../../../src/delivery/notify/hold-slack-limits.ts';
import { bodyOf } from '../../../src/delivery/notify/send-message.ts';
import { startCli } from '../../support/cli.ts';
import { type CustomWorld, customWorld, MINE, manifestOf, SCANNER } from '../../support/custom-world.ts';
import { objectStore, type Received, receiver } from '../../support/delivery-rig.ts';

const EXAMPLE = new URL('../../../manifests/examples/notify/', import.meta.url).pathname;
const SECRET = 'hmac-key-0003';
const HOSTILE = 'FIXME <!channel> @channel <https://evil.example|click> "quoted" \\ & more';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

type Json = Record<string, never> & Readonly<Record<string, unknown>>;

/** The samples, sent to a receiver here: nothing else of them is changed. */
async function samples(origin: string): Promise<readonly Json[]> {
  const loaded = await loadManifest({ cwd: EXAMPLE });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return (loaded.value.manifest.notify ?? []).map((one, index) => ({
    ...one,
    ...(one.slack === undefined ? { webhook: `${origin}/${index}` } : { host: new URL(origin).host }),
    allowPrivate: true,
  })) as never;
}

/** A scanner whose messages are the lines themselves. */
const TALKING = SCANNER.replace("{'text': 'to fix'}", "{'text': line.strip()}");

/** A run with a known and a new finding, a scanner that gives no report, an exceeded budget, and a bucket. */
async function told(notify: (origin: string) => Promise<readonly object[]> | readonly object[]) {
  const store = objectStore();
  const server = await receiver((request) =>
    request.url.startsWith('/reports/') ? store.answer(request) : { status: 200 },
  );
  open.push({ dispose: server.close });
  const manifest = {
    secrets: {
      AK: 'env:AK',
      SK: 'env:SK',
      SLACK_WEBHOOK: 'env:SLACK_WEBHOOK',
      WEBHOOK_SECRET: 'env:WEBHOOK_SECRET',
    },
    tools: { custom: { mine: MINE, mute: { command: ['./mute.sh'], report: 'sarif', inputs: ['**'] } } },
    profiles: { own: { tools: { enable: ['mine', 'mute'] } } },
    policy: { budgets: { default: { low: 1, new: { low: 0 } } }, baseline: 'secplan.baseline.json' },
    delivery: {
      s3: [
        { bucket: 'reports', endpoint: server.origin, accessKey: 'AK', secretKey: 'SK', allowPrivate: true },
      ],
    },
  };
  const world: CustomWorld = customWorld(manifestOf());
  open.push(world);
  world.write('scan.py', TALKING);
  world.write('mute.sh', '#!/bin/sh\nexit 0\n');
  for (const name of ['scan.py', 'mute.sh']) chmodSync(join(world.workspace, name), 0o755);
  world.write('known.txt', 'FIXME known\n');
  await world.scan();
  const made = await startCli(['baseline', 'create', '--export-dir', world.exportDir], world.workspace, {
    PATH: '/usr/bin:/bin',
    HOME: world.root,
  }).ended;
  expect([made.code, made.stderr]).toEqual([0, expect.any(String)]);
  world.write(
    'secplan.json',
    JSON.stringify(manifestOf({ ...manifest, notify: await notify(server.origin) })),
  );
  world.write('new.txt', `${HOSTILE}\n`);
  const env = {
    AK: 'access-key-0001',
    SK: 'secret-key-0002',
    WEBHOOK_SECRET: SECRET,
    SLACK_WEBHOOK: `${server.origin}/services/T/B/x`,
  };
  const outcome = await world.scan({ offline: false }, { env });
  expect(outcome.scan?.delivery.map(({ state }) => state)).not.toContain('failed');
  return { outcome, sent: server.received.filter(({ method }) => method === 'POST') };
}

const textOf = (request: Received | undefined): string => request?.body.toString() ?? '';
const jsonOf = (request: Received | undefined) => JSON.parse(textOf(request));

describe('the sample templates, filled by a run', () => {
  it('hold verdict, budgets against counts, new findings, what did not run, and links', async () => {
    const { sent, outcome } = await told(samples);
    expect(outcome.exitCode).toBe(1);
    expect(sent.map(({ url }) => url)).toEqual(['/services/T/B/x', '/1', '/2']);
    const [slack, own, chat] = sent;
    const blocks = jsonOf(slack).blocks as readonly Json[];
    expect(blocks[0]).toEqual({ type: 'header', text: { type: 'plain_text', text: 'FAIL own' } });
    expect(blocks[1]).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ text: expect.stringMatching(/low\*\n1 of 0$/) }),
        expect.objectContaining({ text: expect.stringMatching(/low\*\n2 of 1$/) }),
      ]),
    });
    const all = blocks.map((block) => JSON.stringify(block));
    expect(all.filter((text) => text.includes('`fixme`'))).toHaveLength(1);
    expect(all.find((text) => text.includes('`fixme`'))).toContain('new.txt:1');
    expect(all.find((text) => text.includes('Did not run'))).toContain('mute');
    expect(all.at(-1)).toMatch(/<http:\/\/127\.0\.0\.1:\d+\/reports\/[^|]+report\.html\|s3:/);
    // No mention, no link, no name: what a finding says is text.
    expect(textOf(slack)).not.toMatch(/<!|<https:|@channel/);
    expect(jsonOf(own)).toMatchObject({
      event: 'secplan.run',
      verdict: 'fail',
      budgets: expect.arrayContaining([expect.objectContaining({ count: 1, limit: 0, exceeded: true })]),
      compared: 'new',
      total: 1,
      findings: [{ title: `fixme: ${HOSTILE}`, where: 'new.txt:1', severity: 'low' }],
      notRun: expect.arrayContaining([expect.objectContaining({ id: 'mute', state: 'incomplete' })]),
      links: [{ name: expect.stringContaining('s3://reports/') }],
    });
    expect(jsonOf(chat).text).toMatch(/^own FAIL: .+\. 1 findings \(new\), \d+ not run\.$/);
  });

  it('and without a template: what the schema says', async () => {
    const { sent } = await told((origin) => [{ webhook: `${origin}/x`, allowPrivate: true }]);
    const schema = JSON.parse(
      readFileSync(new URL('../../../schema/notification.schema.json', import.meta.url), 'utf8'),
    );
    const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const message = jsonOf(sent[0]);
    expect([valid(message), valid.errors]).toEqual([true, null]);
    expect(valid({ ...message, verdict: 'fine' })).toBe(false);
    expect(valid({ ...message, notRun: undefined })).toBe(false);
  });
});

describe('what Slack is sent', () => {
  it.each([
    ['a & b', 'a &amp; b'],
    ['<!channel>', '&lt;!channel&gt;'],
    ['<@U123>', '&lt;@U123&gt;'],
    ['@channel @here @everyone @ann', '@\u2060channel @\u2060here @\u2060everyone @ann'],
  ])('%s is text', (plain, written) => expect(slackText(plain)).toBe(written));

  const message = {
    headline: '<!here>',
    findings: { count: 0, top: [{ message: '<!channel> & @here' }] },
    budgets: [],
    notRun: [],
    notRunCount: 0,
    links: [],
    undelivered: [],
  } as never;
  const body = (template: unknown, type: 'slack' | 'webhook' = 'slack') =>
    bodyOf({ type, url: 'U', host: 'h', template } as never, message, (text) => text);

  it('is written out once, with or without the filter, in one text, in a list and in a whole field', () => {
    expect(JSON.parse(body('{{headline}}'))).toEqual({ text: '&lt;!here&gt;' });
    expect(JSON.parse(body({ text: 'a {{headline}} {{headline | slack}}' }))).toEqual({
      text: 'a &lt;!here&gt; &lt;!here&gt;',
    });
    expect(
      body({ all: '{{findings}}', each: [{ $each: 'findings.top', item: '{{it.message}}' }] }),
    ).not.toMatch(/<!|@here/);
  });

  it('JSON that is written as one text stays JSON, whatever a finding says', () => {
    const hostile = { ...(message as object), headline: '","verdict":"pass\n\\' } as never;
    const text = '{"text": "{{headline}}", "verdict": "fail"}';
    const filled = bodyOf({ type: 'webhook', url: 'U', template: text } as never, hostile, (one) => one);
    expect(JSON.parse(filled)).toEqual({ text: '","verdict":"pass\n\\', verdict: 'fail' });
    expect(() => body('{"text": {{headline}}}', 'webhook')).toThrow(/does not produce valid JSON/);
    expect(JSON.parse(body('{"all": {{findings}}, "n": {{notRunCount}}}', 'webhook'))).toMatchObject({
      all: { count: 0, top: [{ message: '<!channel> & @here' }] },
      n: 0,
    });
    expect(body('plain {{headline}}', 'webhook')).toBe('plain <!here>');
    expect(fillTemplate('{{a}}', { a: '<' })).toBe('<');
  });

  it('keeps within what it takes: 50 blocks, 3,000 characters, 150 of a header, 10 fields, nothing empty', () => {
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
    const held = holdSlackLimits({
      text: 'x'.repeat(50_000),
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'h'.repeat(200) } },
        section('y'.repeat(3_100)),
        section(' '),
        { type: 'section', fields: Array.from({ length: 12 }, () => ({ type: 'mrkdwn', text: 'f' })) },
        { type: 'context', elements: [{ type: 'mrkdwn', text: '' }] },
        { type: 'divider' },
        ...Array.from({ length: 60 }, (_, index) => section(`s${index}`)),
      ],
    }) as { text: string; blocks: { type: string; text?: { text: string }; fields?: unknown[] }[] };
    expect([held.text.length, held.blocks.length]).toEqual([4_000, 50]);
    expect(
      held.blocks.slice(0, 4).map(({ type, text, fields }) => [type, text?.text.length ?? fields?.length]),
    ).toEqual([
      ['header', 150],
      ['section', 3_000],
      ['section', 10],
      ['divider', undefined],
    ]);
    expect(JSON.stringify(held.blocks[2])).toContain('… and 3 more');
    expect(JSON.stringify(held.blocks.at(-1))).toContain('… and 15 more');
    expect(JSON.stringify(held.blocks)).toContain('y…');
  });

  it.each([
    ['abc&amp;d', 6, 'abc…'],
    ['ab <https://a|b>', 8, 'ab …'],
    ['ab😀cd', 4, 'ab…'],
    ['abc', 3, 'abc'],
  ])('cuts %s at %i: %s', (text, most, cut) => expect(cutText(text, most)).toBe(cut));
});

describe('the sample receiver', () => {
  const sign = (body: string, at: number, secret = SECRET) => ({
    'x-secplan-timestamp': String(at),
    'x-secplan-signature-256': `sha256=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`,
  });

  it('takes what was signed, and nothing else', async () => {
    const { isGenuine } = await import(`${EXAMPLE}receive.mjs`);
    const good = sign('{"a":1}', 1_000);
    expect(isGenuine(good, Buffer.from('{"a":1}'), SECRET, 1_100)).toBe(true);
    const bad: [string, object, string, string, number][] = [
      ['altered', good, '{"a":2}', SECRET, 1_100],
      ['another secret', good, '{"a":1}', 'other', 1_100],
      ['too old', good, '{"a":1}', SECRET, 1_400],
      ['from the future', good, '{"a":1}', SECRET, 100],
      ['another time', { ...good, 'x-secplan-timestamp': '1001' }, '{"a":1}', SECRET, 1_100],
      ['no signature', { 'x-secplan-timestamp': '1000' }, '{"a":1}', SECRET, 1_100],
      ['half a signature', { ...good, 'x-secplan-signature-256': 'sha256=00' }, '{"a":1}', SECRET, 1_100],
    ];
    for (const [what, headers, body, secret, now] of bad)
      expect([what, isGenuine(headers, Buffer.from(body), secret, now)]).toEqual([what, false]);
    expect(readFileSync(`${EXAMPLE}receive.mjs`, 'utf8')).toMatch(/timingSafeEqual\(told, expected\)/);
  });

  it('takes a message of a run once, by its id', async () => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { receiver } from ${JSON.stringify(`${EXAMPLE}receive.mjs`)};
       const server = receiver(${JSON.stringify(SECRET)}, (one) => console.log(one.verdict));
       server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    ]);
    open.push({ dispose: () => child.kill('SIGKILL') });
    let said = '';
    const port = await new Promise<string>((resolve) => {
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (said.includes('\n')) resolve(said.trim());
      });
    });
    const { sent } = await told(() => [
      { webhook: `http://127.0.0.1:${port}/`, secret: 'WEBHOOK_SECRET', allowPrivate: true },
    ]);
    expect([sent, said.trim().split('\n').slice(1)]).toEqual([[], ['fail']]);
  });
});
