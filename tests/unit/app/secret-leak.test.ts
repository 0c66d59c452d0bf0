import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runScan } from '../../../src/app/scan/run-scan.ts';
import {
  BASE,
  type DaggerServer,
  type DoubleOptions,
  daggerServer,
  hasDaggerSchema,
} from '../../support/dagger-server.ts';

/** What no encoder leaves as it is, and a key of several lines. */
const SECRETS = {
  TOKEN: 'S3cr+t/Wörd=42&"quoted" 100%~hunter2',
  KEY: '-----BEGIN TEST KEY-----\nMIIEpAIBAAKCAQEA7bq98xy1\nqK3vWcQ0PZ5dF6h8sT2u4n9L\n-----END TEST KEY-----',
};

/** Spellings of a text, written down apart from those that the redactor knows. */
function spellings(text: string): Map<string, string> {
  const bytes = Buffer.from(text);
  const base64 = (before: string) => Buffer.concat([Buffer.from(before), bytes]).toString('base64');
  return new Map([
    ['plain', text],
    ['base64', base64('').replace(/=+$/, '').slice(0, -1)],
    ['base64, one byte on', base64('x').slice(2).replace(/=+$/, '').slice(0, -1)],
    ['base64, two bytes on', base64('xy').slice(3).replace(/=+$/, '').slice(0, -1)],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    ['URL', encodeURIComponent(text)],
    ['form', encodeURIComponent(text).replaceAll('%20', '+')],
    ['reversed', [...text].reverse().join('')],
    ['JSON', JSON.stringify(text).slice(1, -1)],
  ]);
}

/** What is not to be found anywhere, by what it is. */
const FORBIDDEN = new Map([
  ...[...spellings(SECRETS.TOKEN)].map(([how, text]) => [`the token, ${how}`, text] as const),
  ...SECRETS.KEY.split('\n')
    .slice(1, 3)
    .flatMap((line, index) =>
      [...spellings(line)].map(([how, text]) => [`line ${index + 2} of the key, ${how}`, text] as const),
    ),
]);

/** A line of the key. */
const NAME = `${SECRETS.KEY.split('\n')[1]}.txt`;

/** Names what of the forbidden stands in a text. */
function leaks(text: string): string[] {
  return [...FORBIDDEN].filter(([, form]) => text.includes(form)).map(([name]) => name);
}

/** Every file below a folder that holds something forbidden, its name included. */
function leaksBelow(root: string): string[] {
  return (readdirSync(root, { recursive: true }) as string[]).flatMap((path) => {
    const file = join(root, path);
    const text = statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : '';
    return leaks(`${path}\n${text}`).map((name) => `${path}: ${name}`);
  });
}

/** Says each secret in each spelling, on both streams, in one write and in two, and in its report; exits as told. */
const TELLTALE = `#!/usr/bin/python3 -I
import base64, json, os, sys, urllib.parse
forms = []
for name in ('TOKEN', 'KEY'):
    value = os.environ[name]
    for text in [value, *value.split('\\n')]:
        raw = text.encode()
        forms += [text, base64.b64encode(raw).decode(), base64.b64encode(b'x' + raw).decode(),
                  base64.b64encode(b'xy' + raw).decode(), base64.urlsafe_b64encode(raw).decode(),
                  raw.hex(), raw.hex().upper(), urllib.parse.quote(text, safe=''), urllib.parse.quote(text),
                  urllib.parse.quote_plus(text), text[::-1], json.dumps(text), json.dumps(text, ensure_ascii=False)]
for form in forms:
    half = len(form) // 2
    for part in (form[:half], form[half:] + '\\n'):
        sys.stderr.write(part)
        sys.stderr.flush()
results = [{'ruleId': form, 'level': 'note', 'message': {'text': form},
            'locations': [{'physicalLocation': {'artifactLocation': {'uri': 'a.txt'}, 'region': {'startLine': 1,
            'snippet': {'text': form}}}}]} for form in forms]
name = os.environ['KEY'].split('\\n')[1] + '.txt'
if os.path.exists(name): results.append({'ruleId': 'name', 'level': 'note', 'message': {'text': 'in a file named by a secret'},
    'locations': [{'physicalLocation': {'artifactLocation': {'uri': name}, 'region': {'startLine': 1}}}]})
report = json.dumps({'version': '2.1.0', 'runs': [{'tool': {'driver': {'name': 'telltale'}},
    'artifacts': [{'location': {'uri': 'a.txt'}}], 'results': results}]})
half = len(report) // 2
for part in (report[:half], report[half:]):
    sys.stdout.write(part)
    sys.stdout.flush()
if os.path.exists('killed'):
    os.kill(os.getpid(), 9)
sys.exit(int(open('exit').read()))
`;

const roots: string[] = [];
const servers: DaggerServer[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Runs a stage that tells its secrets; gives all that is left of it. */
async function tell(
  runtime: 'local' | 'dagger',
  exit: number | 'killed',
  options: DoubleOptions & { readonly named?: boolean } = {},
) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  roots.push(root);
  const workspace = join(root, 'workspace');
  mkdirSync(workspace);
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'leak' },
    secrets: { TOKEN: 'env:MY_TOKEN', KEY: 'env:MY_KEY' },
    tools: {
      custom: { telltale: { command: ['./telltale.py'], report: 'sarif', secrets: ['TOKEN', 'KEY'] } },
    },
    profiles: { own: { tools: { enable: ['telltale'] } } },
  };
  writeFileSync(join(workspace, 'secplan.json'), JSON.stringify(manifest));
  writeFileSync(join(workspace, 'telltale.py'), TELLTALE, { mode: 0o755 });
  writeFileSync(join(workspace, 'a.txt'), 'x\n');
  if (options.named === true) writeFileSync(join(workspace, NAME), 'x\n');
  writeFileSync(join(workspace, 'exit'), String(exit));
  if (exit === 'killed') writeFileSync(join(workspace, 'killed'), '');
  const server = runtime === 'dagger' ? await daggerServer(options) : undefined;
  if (server !== undefined) servers.push(server);
  const events: unknown[] = [];
  const outcome = await runScan({
    cwd: workspace,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: root,
      SECPLAN_CACHE_DIR: join(root, 'cache'),
      SECPLAN_DAGGER_BASE_IMAGE: BASE,
      MY_TOKEN: SECRETS.TOKEN,
      MY_KEY: SECRETS.KEY,
      ...server?.env,
    },
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    now: Date.now,
    options: { profile: 'own', runtime, trustWorkspace: true },
  });
  return { root, outcome, events, server };
}

function expectNoLeak({ root, outcome, events, server }: Awaited<ReturnType<typeof tell>>): void {
  expect(leaksBelow(root)).toEqual([]);
  expect(leaks(JSON.stringify(outcome))).toEqual([]);
  expect(leaks(JSON.stringify(events))).toEqual([]);
  // The escaped and the unescaped form of all output.
  expect(leaks(outcome.diagnostics.map((item) => `${item.summary} ${item.help}`).join('\n'))).toEqual([]);
  expect(leaks(server?.output() ?? '')).toEqual([]);
  expect(server?.violations ?? []).toEqual([]);
}

const RUNTIMES = ['local', ...(hasDaggerSchema() ? (['dagger'] as const) : [])] as const;

describe.each(RUNTIMES)('a stage that tells its secrets on the %s runtime', (runtime) => {
  it('has its report taken, and none of them gets out', async () => {
    const told = await tell(runtime, 1);
    const { outcome } = told;
    expect(outcome.scan?.results, JSON.stringify(outcome.scan?.results)).toMatchObject([{ state: 'done' }]);
    expect(outcome.scan?.findings.length).toBeGreaterThan(0);
    // It did tell: what is left says that something was taken out.
    const log = readFileSync(join(outcome.scan?.bundleDir ?? '', 'logs', 'telltale.log'), 'utf8');
    expect(log.match(/\[redacted\]/g)?.length).toBeGreaterThan(50);
    expectNoLeak(told);
  });

  it('names a file by a secret, and the name does not get out either', async () => {
    const { outcome, events } = await tell(runtime, 1, { named: true });
    const { findings = [], bundleDir = '' } = outcome.scan ?? {};
    expect(findings.map(({ span }) => span?.path)).toContain('[redacted].txt');
    // The workspace has it, and the private cache, which knows the workspace's files by name.
    expect(leaksBelow(bundleDir)).toEqual([]);
    expect(leaks(JSON.stringify([outcome, events]))).toEqual([]);
  });

  it.each([7, 'killed'] as const)('fails with %s, and none of them gets out', async (exit) => {
    const told = await tell(runtime, exit);
    expect(told.outcome.scan?.results).toMatchObject([{ state: 'incomplete' }]);
    expectNoLeak(told);
  });
});

describe.skipIf(!hasDaggerSchema())('an engine that echoes a secret', () => {
  it('in its error does not get it into anything', async () => {
    const message = `exec failed: TOKEN=${SECRETS.TOKEN} ${Buffer.from(SECRETS.TOKEN).toString('base64')}`;
    const fault = (query: string) =>
      query.includes('telltale') ? ({ kind: 'error', message } as const) : undefined;
    const told = await tell('dagger', 1, { fault });
    expect(told.outcome.scan?.results).toMatchObject([
      { state: 'incomplete', failure: { reason: 'engine' } },
    ]);
    expect(JSON.stringify(told.outcome)).toContain('exec failed: TOKEN=[redacted]');
    expectNoLeak(told);
  });

  it('is told secrets as secrets: in no argument and no plain variable', async () => {
    const { server } = await tell('dagger', 1);
    expect(leaks(JSON.stringify(server?.execs))).toEqual([]);
    expect(
      server?.queries.filter((query) => leaks(query).length > 0 && !/\bsetSecret\b/.test(query)),
    ).toEqual([]);
    expect(server?.queries.some((query) => query.includes('setSecret'))).toBe(true);
  });
});

describe('the search itself', () => {
  it.each([...FORBIDDEN])('finds %s', (name, form) => {
    const root = mkdtempSync(join(tmpdir(), 'secplan-test-'));
    roots.push(root);
    writeFileSync(join(root, 'log'), `before ${form} after`);
    expect(leaksBelow(root)).toContain(`log: ${name}`);
  });

  it('finds what an encoder made of a longer text', () => {
    for (const before of ['', 'x', 'xy', 'user:']) {
      const text = Buffer.from(`${before}${SECRETS.TOKEN}`).toString('base64');
      expect(leaks(text).some((name) => name.includes('base64'))).toBe(true);
    }
  });
});
