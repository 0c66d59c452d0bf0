import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { startCli } from '../../support/cli.ts';
import { customWorld, MINE, manifestOf, SCANNER } from '../../support/custom-world.ts';
import {
  objectStore,
  type Received,
  type Receiver,
  type Reply,
  receiver,
} from '../../support/delivery-rig.ts';
import { githubDouble } from '../../support/github-double.ts';

const SLACK_PATH = '/services/T0/B0/slack-path-token-0005';
/** Declared secrets, one of each kind of receiver and one of a scanner; the address of Slack joins them. */
const SECRETS = {
  AK: 'store-access-key-0001',
  SK: 'store secret/key+0002 "ü" that leaks nowhere',
  GH: 'ghp_token0003abcdefghijklmnopqrstu',
  HK: 'hmac-key-0004-äöü/+=',
  TOKEN: 'scanner&token=0006<with>%7Emarks',
};
/** What a secret scanner finds, and nobody declared. */
const FOUND = 'AKIAFOUNDBYSCANNER07';
/** What nobody declared and no scanner finds: it reaches everything, so the search is known to see it. */
const PLANTED = 'planted-value-0008-nobody-knows';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

interface Spelling {
  /** As somebody would write it. */
  readonly whole: string;
  /** The part of it that is the value's own, wherever it stands. */
  readonly core: string;
}

/** Spellings, written down apart from those that the redactor knows. */
function spellings(text: string): readonly Spelling[] {
  const bytes = Buffer.from(text);
  const base64 = (before: string): Spelling => {
    const whole = Buffer.concat([Buffer.from(before), bytes]).toString('base64');
    const [from, to] = [before.length * 8, (before.length + bytes.length) * 8];
    return { whole, core: whole.slice(Math.ceil(from / 6), Math.floor(to / 6)) };
  };
  const same = [
    text,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(text),
    [...text].reverse().join(''),
    JSON.stringify(text).slice(1, -1),
  ].map((form) => ({ whole: form, core: form }));
  return [...same, base64(''), base64('x'), base64('xy')];
}

/** Names what of the values stands in a text, and how it is spelled. */
function leaks(text: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    // The last is what is left where somebody takes out other characters than ASCII.
    const forms = [...spellings(value).map(({ core }) => core), value.replace(/[^\x20-\x7e]+/g, ' ')];
    return forms.flatMap((form, index) => (text.includes(form) ? [`${name}, spelling ${index}`] : []));
  });
}

/** Everything that a request says, packed or not; without the one header that is to hold a credential. */
function textsOf({ method, url, headers, body }: Received): string[] {
  const { authorization: _, ...told } = headers;
  const address = `${method} ${url}\n${decodeURIComponent(url)}`;
  const text = body.toString('utf8');
  const packed = /"sarif":"([A-Za-z0-9+/=]+)"/.exec(text)?.[1];
  const inside = packed === undefined ? '' : gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
  return [address, Object.values(told).join('\n'), inside === '' ? text : inside];
}

const TALKING = SCANNER.replace("{'text': 'to fix'}", "{'text': line.strip()}").replace(
  'json.dump(',
  "sys.stderr.write(os.environ.get('TOKEN', '') + '\\n')\njson.dump(",
);

/** Reports the second line of found.txt as a secret; what it would be in gitleaks' own words. */
const GITLEAKS = `#!/usr/bin/python3 -I
import json, sys
place = {'artifactLocation': {'uri': 'found.txt'}, 'region': {'startLine': 2, 'startColumn': 7, 'endLine': 2, 'endColumn': ${7 + FOUND.length}}}
result = {'ruleId': 'aws-access-token', 'message': {'text': 'a key'}, 'locations': [{'physicalLocation': place}]}
run = {'tool': {'driver': {'name': 'gitleaks', 'rules': [{'id': 'aws-access-token'}]}}, 'results': [result]}
json.dump({'version': '2.1.0', 'runs': [run]}, open(sys.argv[sys.argv.index('-r') + 1], 'w'))
sys.stderr.write('INF scanned ~100 bytes (100 bytes) in 1ms\\n')
sys.exit(1)
`;

type Path = 's3' | 'code scanning' | 'release' | 'slack' | 'webhook';
const pathOf = ({ url }: Received): Path => {
  if (url.startsWith('/reports/')) return 's3';
  if (url.includes('/code-scanning/')) return 'code scanning';
  if (url.includes('/releases') || url.includes('/commits/')) return 'release';
  return url === '/hook' ? 'webhook' : 'slack';
};
const PATHS: readonly Path[] = ['s3', 'code scanning', 'release', 'slack', 'webhook'];

interface Told {
  readonly outcome: ScanOutcome;
  readonly server: Receiver;
  /** What is left on the machine and what was said to people and programs, by where. */
  readonly left: ReadonlyMap<string, string>;
  /** What is not to be found. */
  readonly known: Readonly<Record<string, string>>;
}

/** A run whose scanner says every secret in every spelling, delivered everywhere; then once more by `deliver`. */
async function told(refuse: boolean): Promise<Told> {
  const store = objectStore();
  let github: ReturnType<typeof githubDouble> | undefined;
  // A receiver that refuses says back what it was reported, and more.
  const no = (): Reply => ({
    status: 400,
    body: JSON.stringify({ message: Object.values(secrets).join(' ') }),
  });
  const server = await receiver((request) => {
    if (refuse) return no();
    const path = pathOf(request);
    if (path === 's3') return store.answer(request);
    if (path === 'slack' || path === 'webhook') return { status: 200 };
    return github?.answer(request) ?? { status: 500 };
  });
  open.push({ dispose: server.close });
  const { origin } = server;
  const secrets: Readonly<Record<string, string>> = { ...SECRETS, SLACK: `${origin}${SLACK_PATH}` };
  const allowPrivate = true;
  const world = customWorld(
    manifestOf({
      secrets: Object.fromEntries(Object.keys(secrets).map((name) => [name, `env:${name}`])),
      tools: { custom: { mine: { ...MINE, secrets: ['TOKEN'] } }, gitleaks: { provider: 'path' } },
      profiles: { own: { tools: { enable: ['mine', 'gitleaks'] } } },
      policy: { budgets: { default: { critical: 100 } } },
      delivery: {
        s3: [{ bucket: 'reports', endpoint: origin, accessKey: 'AK', secretKey: 'SK', allowPrivate }],
        github: {
          repository: 'o/r',
          token: 'GH',
          apiUrl: origin,
          codeScanning: true,
          releaseAssets: true,
          allowPrivate,
        },
      },
      notify: [
        { slack: 'SLACK', host: new URL(origin).host, allowPrivate },
        { webhook: `${origin}/hook`, secret: 'HK', allowPrivate },
      ],
    }),
  );
  open.push(world);
  world.write('scan.py', TALKING);
  chmodSync(join(world.workspace, 'scan.py'), 0o755);
  for (const [name, value] of Object.entries({ ...secrets, FOUND, PLANTED }))
    world.write(
      `${name === 'PLANTED' ? '0' : ''}${name}.txt`,
      spellings(value)
        .map(({ whole }) => `FIXME ${whole}\n`)
        .join(''),
    );
  world.write('found.txt', `one\nkey = ${FOUND}\nFIXME ${FOUND}\n`);
  const bin = join(world.root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gitleaks'), GITLEAKS, { mode: 0o755 });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: world.workspace,
      encoding: 'utf8',
    }).trim();
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'one');
  github = githubDouble({
    token: SECRETS.GH,
    uploads: () => origin,
    releases: [{ id: 7, tag: 'v1' }],
    tags: { v1: git('rev-parse', 'HEAD') },
  });
  const events: unknown[] = [];
  const env = {
    ...secrets,
    GITHUB_REF: 'refs/tags/v1',
    PATH: `${bin}:/usr/bin:/bin`,
  };
  const outcome = await world.scan({ offline: false }, { env, onEvent: (event) => void events.push(event) });
  const again = await startCli(
    ['deliver', '--json', '--trust-workspace', '--export-dir', world.exportDir],
    world.workspace,
    {
      HOME: world.root,
      SECPLAN_CACHE_DIR: join(world.root, 'cache'),
      ...env,
    },
  ).ended;
  const beside = dirname(outcome.scan?.bundleDir ?? '');
  const left = new Map<string, string>([
    ['events', JSON.stringify(events)],
    ['diagnostics', JSON.stringify([outcome.diagnostics, outcome.scan?.delivery])],
    ['stdout of deliver', again.stdout],
    ['stderr of deliver', again.stderr],
  ]);
  for (const name of readdirSync(beside).filter((file) => file.endsWith('.jsonl')))
    left.set(name.replace(/^.*?\./, ''), readFileSync(join(beside, name), 'utf8'));
  return { outcome, server, left, known: { ...secrets, FOUND } };
}

describe('no secret leaves', () => {
  it('by what is sent: no body, header or address, in any spelling, of any receiver', async () => {
    const { outcome, server, left, known } = await told(false);
    expect(outcome.scan?.results.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(outcome.scan?.delivery.map(({ state, detail }) => [state, detail.slice(0, 0)])).toEqual(
      Array(5).fill(['delivered', '']),
    );
    for (const path of PATHS) {
      const sent = server.received.filter((request) => pathOf(request) === path);
      expect([path, sent.length > 0]).toEqual([path, true]);
      const texts = sent.flatMap(textsOf);
      expect([path, texts.flatMap((text) => leaks(text, known))]).toEqual([path, []]);
      // The search sees what is in there: a value that nobody knows of is found in what each is sent.
      expect([path, texts.some((text) => leaks(text, { PLANTED }).length > 0)]).toEqual([path, true]);
    }
    for (const [where, text] of left) expect([where, leaks(text, known)]).toEqual([where, []]);
    expect([...left.keys()]).toContain('delivery.jsonl');
  });

  it('by what is said and kept of what was refused: log, dead letters, events, diagnostics', async () => {
    const { outcome, server, left, known } = await told(true);
    expect(outcome.scan?.delivery.map(({ state }) => state)).toEqual(Array(5).fill('failed'));
    for (const text of server.received.flatMap(textsOf)) expect(leaks(text, known)).toEqual([]);
    for (const [where, text] of left) expect([where, leaks(text, known)]).toEqual([where, []]);
    const letters = left.get('dead-letter.jsonl') ?? '';
    expect(letters.trim().split('\n')).toHaveLength(5);
    expect(leaks(letters, { PLANTED })).not.toEqual([]);
  });

  it('in a way that the search would not see: every spelling, in each kind of body', () => {
    const packed = (text: string) =>
      Buffer.from(
        JSON.stringify({ sarif: execFileSync('gzip', ['-c'], { input: text }).toString('base64') }),
      );
    const base: Received = { method: 'POST', url: '/x', headers: {}, body: Buffer.alloc(0) };
    for (const { whole: form } of spellings(SECRETS.SK)) {
      const requests = [
        { ...base, body: Buffer.from(`a${form}b`) },
        { ...base, body: packed(`a${form}b`) },
        { ...base, headers: { 'x-a': form } },
        { ...base, url: `/x?${encodeURIComponent(form)}` },
      ];
      for (const request of requests)
        expect(textsOf(request).flatMap((text) => leaks(text, { SK: SECRETS.SK }))).not.toEqual([]);
    }
    expect(textsOf({ ...base, headers: { authorization: `Bearer ${SECRETS.GH}` } }).join()).not.toContain(
      SECRETS.GH,
    );
  });
});
