import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { type CliRun, startCli, until } from '../../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../../support/custom-world.ts';
import { type Received, type Receiver, type Reply, receiver } from '../../support/delivery-rig.ts';

const HMAC = 'hmac-key-0003';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

type Answer = Reply | 'hang' | 'drop';

async function serve(
  answer: (request: Received, count: number) => Answer | Promise<Answer>,
): Promise<Receiver> {
  const made = await receiver(answer);
  open.push({ dispose: made.close });
  return made;
}

function world(notify: readonly object[], over: Readonly<Record<string, unknown>> = {}): CustomWorld {
  const made = customWorld(manifestOf({ secrets: { HK: 'env:HK' }, notify, ...over }));
  open.push(made);
  return made;
}

const hook = (origin: string, path: string, over = {}) => ({
  webhook: `${origin}/${path}`,
  secret: 'HK',
  allowPrivate: true,
  ...over,
});
const run = (made: CustomWorld, offline = false) => made.scan({ offline }, { env: { HK: HMAC } });
const deliver = (made: CustomWorld, ...args: string[]): CliRun =>
  startCli(
    ['deliver', '--json', '--trust-workspace', '--export-dir', made.exportDir, ...args],
    made.workspace,
    {
      PATH: '/usr/bin:/bin',
      HOME: made.root,
      SECPLAN_CACHE_DIR: join(made.root, 'cache'),
      HK: HMAC,
    },
  );
const bundleOf = ({ scan }: ScanOutcome): string => scan?.bundleDir ?? '';
const lettersOf = (bundle: string) =>
  existsSync(`${bundle}.dead-letter.jsonl`)
    ? readFileSync(`${bundle}.dead-letter.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
const locksOf = (made: CustomWorld) =>
  readdirSync(made.exportDir).filter((name) => name.endsWith('.delivery-lock'));
const documentOf = async (running: CliRun) => {
  const { code, stdout } = await running.ended;
  return { code, ...JSON.parse(stdout) };
};

describe('two deliveries of one bundle at once', () => {
  it('the second is refused and sends nothing; the lock of a killed one is overtaken', async () => {
    let hang = true;
    const server = await serve(() => (hang ? 'hang' : { status: 200 }));
    const made = world([hook(server.origin, 'a')]);
    await run(made, true);
    const first = deliver(made);
    expect(await until(first, () => server.received.length === 1)).toBe(true);
    const second = await documentOf(deliver(made));
    expect([second.code, second.diagnostics[0].code, second.delivery]).toEqual([3, 'SP6048', []]);
    expect(server.received).toHaveLength(1);
    first.child.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    expect(locksOf(made)).toHaveLength(1);
    hang = false;
    const third = await documentOf(deliver(made));
    expect([third.code, third.delivery[0].state, locksOf(made)]).toEqual([0, 'delivered', []]);
    // The same message: a receiver knows it by its id.
    const ids = server.received.map(({ headers }) => headers['x-secplan-delivery']);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it("so is `deliver` while a run's own delivery is under way, and the run ends well", async () => {
    let seen: unknown;
    const server = await serve(async () => {
      // Asked from inside the first delivery: it cannot have ended.
      seen ??= await documentOf(deliver(made));
      return { status: 200 };
    });
    const made: CustomWorld = world([hook(server.origin, 'a')]);
    const outcome = await run(made);
    expect(seen).toMatchObject({ code: 3, diagnostics: [{ code: 'SP6048' }] });
    expect([outcome.exitCode, server.received.length, locksOf(made)]).toEqual([0, 1, []]);
  });
});

/** Holds a value against a schema of the package. */
const schemaOf = (name: string) =>
  new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(new URL(`../../../schema/${name}.schema.json`, import.meta.url), 'utf8')),
  );

describe('dead letters', () => {
  const valid = schemaOf('dead-letter');

  it('hold what the schema says, one a receiver, until it arrives; others stay', async () => {
    const down = new Set(['/a', '/b']);
    const server = await serve(({ url }) => ({ status: down.has(url) ? 400 : 200 }));
    const made = world([hook(server.origin, 'a'), hook(server.origin, 'b'), hook(server.origin, 'c')]);
    const outcome = await run(made);
    const bundle = bundleOf(outcome);
    expect(lettersOf(bundle).map(({ target }) => target)).toEqual(['notify:webhook-1', 'notify:webhook-2']);
    for (const letter of lettersOf(bundle)) {
      expect([valid(letter), valid.errors]).toEqual([true, null]);
      expect(letter).toMatchObject({ bundle: bundle.split('/').pop(), why: 'it answered 400' });
      expect(JSON.parse(letter.payload)).toMatchObject({ verdict: 'pass' });
    }
    expect(valid({ ...lettersOf(bundle)[0], target: 'x' })).toBe(false);
    down.delete('/a');
    // One receiver alone: the letter of the other stays.
    expect((await documentOf(deliver(made, '--to', 'notify:webhook-1'))).code).toBe(0);
    expect(lettersOf(bundle).map(({ target }) => target)).toEqual(['notify:webhook-2']);
    // What is only left out stays given up.
    expect((await documentOf(deliver(made, '--offline'))).code).toBe(0);
    expect(lettersOf(bundle)).toHaveLength(1);
    down.delete('/b');
    expect((await documentOf(deliver(made))).code).toBe(0);
    expect(lettersOf(bundle)).toEqual([]);
    const sent = server.received.filter(({ url }) => url === '/c');
    expect(sent).toHaveLength(1);
  });

  it('are on the disk before the next receiver is asked', async () => {
    let found: unknown[] = [];
    const server = await serve(({ url }) => {
      if (url === '/b') {
        const name = readdirSync(made.exportDir).find((file) => file.endsWith('.dead-letter.jsonl'));
        found = lettersOf(join(made.exportDir, (name ?? '').replace('.dead-letter.jsonl', '')));
      }
      return { status: url === '/a' ? 400 : 200 };
    });
    const made: CustomWorld = world([hook(server.origin, 'a'), hook(server.origin, 'b')]);
    await run(made);
    expect(found).toMatchObject([{ target: 'notify:webhook-1' }]);
  });
});

describe('`deliver` does as the run did', () => {
  it.each([
    ['pass', {}, 0],
    ['fail', { policy: { budgets: { default: { low: 0 } } } }, 1],
  ] as const)('on: fail, with a verdict of %s', async (verdict, over, told) => {
    const server = await serve(() => ({ status: 200 }));
    const notify = [hook(server.origin, 'fail', { on: 'fail' }), hook(server.origin, 'always')];
    const made = world(notify, over);
    made.write('b.txt', 'FIXME\n');
    const outcome = await run(made, true);
    expect([outcome.scan?.verdict.outcome, outcome.exitCode]).toEqual([verdict, verdict === 'pass' ? 0 : 1]);
    const later = await documentOf(deliver(made));
    const count = () => server.received.filter(({ url }) => url === '/fail').length;
    expect([later.code, count(), server.received.length]).toEqual([0, told, told + 1]);
    // A run of its own, straight away.
    await run(made);
    expect([count(), server.received.length]).toEqual([told * 2, (told + 1) * 2]);
  });

  it('optional: exit 0 and a warning; else 3; the document holds both', async () => {
    const server = await serve(() => ({ status: 400 }));
    const made = world([hook(server.origin, 'a', { optional: true }), hook(server.origin, 'b')]);
    const outcome = await run(made);
    expect(outcome.exitCode).toBe(3);
    const optional = await documentOf(deliver(made, '--to', 'notify:webhook-1'));
    expect(optional).toMatchObject({
      schema: 'https://secplan.dev/schema/delivery/v1',
      code: 0,
      exitCode: 0,
      bundle: bundleOf(outcome),
      delivery: [{ id: 'notify:webhook-1', kind: 'notify', optional: true, state: 'failed' }],
      diagnostics: [{ code: 'SP6043', level: 'warning' }],
    });
    expect(await documentOf(deliver(made))).toMatchObject({
      code: 3,
      exitCode: 3,
      diagnostics: [{ code: 'SP6043' }, { code: 'SP6042', level: 'error' }],
    });
    const valid = schemaOf('delivery');
    const offline = await documentOf(deliver(made, '--offline'));
    expect(offline.delivery.map(({ why }: { why: string }) => why)).toEqual(['offline', 'offline']);
    for (const document of [optional, offline, { ...optional, delivery: outcome.scan?.delivery }])
      expect([valid(document), valid.errors]).toEqual([true, null]);
    const [report] = offline.delivery;
    for (const delivery of [
      [{ ...report, why: undefined }],
      [{ ...report, state: 'delivered' }],
      [{ id: 'x' }],
    ])
      expect(valid({ ...offline, delivery })).toBe(false);
    const none = await documentOf(deliver(made, '--to', 'notify:nobody'));
    expect([none.code, none.diagnostics[0].code]).toEqual([2, 'SP6047']);
  });
});
