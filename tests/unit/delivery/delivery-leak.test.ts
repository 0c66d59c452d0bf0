import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { startCli } from '../../support/cli.ts';
import { objectStore, type Received, type Reply, receiver, spellings } from '../../support/delivery-rig.ts';
import { type DoubleWorld, doubleWorld, surroundings } from '../../support/double-world.ts';
import { findingDoubles, toolset } from '../../support/fault-subjects.ts';
import { opensearchDouble } from '../../support/opensearch-double.ts';

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

const DECLARED = {
  AK: 'store-access-key-0001',
  SK: 'store secret/key+0002 that leaks nowhere',
  HK: 'hmac-key-0003-äöü',
  PW: 'cluster password/0005 that+leaks nowhere',
};
/** What Gitleaks' recorded case says stands in line 6, columns 23 to 62, of app/config.py. */
const FOUND = `ghp_${'Ab1Cd2Ef3G'.repeat(3)}Hi4Jk5`;

/** Tells in rule, message and place what it read, as careless tools do. */
const TELLER = `#!/usr/bin/python3 -I
import json, sys
line = open('app/config.py').read().split('\\n')[5]
value = line[22:62]
result = {'ruleId': 'told-' + value, 'level': 'error', 'message': {'text': 'found ' + line},
          'locations': [{'physicalLocation': {'artifactLocation': {'uri': 'app/config.py'}, 'region': {'startLine': 6}}}]}
print('reading', line, file=sys.stderr)
json.dump({'version': '2.1.0', 'runs': [{'tool': {'driver': {'name': 'teller'}},
    'artifacts': [{'location': {'uri': 'app/config.py'}}], 'results': [result]}]}, sys.stdout)
sys.exit(1)
`;

interface Bed {
  readonly world: DoubleWorld;
  readonly received: readonly Received[];
  scan(): Promise<ScanOutcome>;
  /** Delivers again, in a process that found nothing itself. */
  deliver(): Promise<string>;
}

async function bed(scanners: readonly string[], answers: 'taken' | 'refused'): Promise<Bed> {
  const [store, cluster] = [objectStore(), opensearchDouble()];
  const server = await receiver((request): Reply => {
    if (answers === 'refused')
      // Whoever refuses may say again what it was sent.
      return {
        status: 403,
        body: `${request.body.subarray(0, 400)} ${Object.values(DECLARED).join(' ')} ${FOUND}`,
      };
    if (request.url.startsWith('/reports')) return store.answer(request);
    return request.url === '/hook' ? { status: 200 } : cluster.answer(request);
  });
  open.push({ dispose: server.close });
  const world = await doubleWorld(toolset(['gitleaks']));
  open.push(world);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(world.workspace, path)), { recursive: true });
    writeFileSync(join(world.workspace, path), text);
  };
  const plain = ['one', 'two', 'three', 'four', 'five'].map((word) => `# ${word}${' '.repeat(60)}`);
  write(
    'app/config.py',
    `${[...plain, `GITHUB_TOKEN_OF_APP = "${FOUND}"`].join('\n').replace('_OF_APP = "', '____= "')}\n`,
  );
  write('app/auth.py', `${'#\n'.repeat(12)}`);
  write('deploy/ci.env', `${'#\n'.repeat(6)}`);
  write('deploy/ssh/deploy_key', `${'#\n'.repeat(20)}`);
  write('teller.py', TELLER);
  chmodSync(join(world.workspace, 'teller.py'), 0o755);
  const path = join(world.workspace, 'secplan.json');
  const before = JSON.parse(readFileSync(path, 'utf8'));
  const common = { allowPrivate: true };
  const manifest = {
    ...before,
    tools: {
      ...before.tools,
      custom: { teller: { command: ['./teller.py'], report: 'sarif', inputs: ['**'] } },
    },
    profiles: { doubles: { tools: { enable: [...scanners, 'teller'] } } },
    policy: { budgets: { default: { new: { critical: 0 } } } },
    secrets: Object.fromEntries(Object.keys(DECLARED).map((name) => [name, `env:${name}`])),
    delivery: {
      s3: [{ bucket: 'reports', endpoint: server.origin, accessKey: 'AK', secretKey: 'SK', ...common }],
      opensearch: { url: server.origin, index: 'runs', username: 'ann', password: 'PW', ...common },
    },
    notify: [{ webhook: `${server.origin}/hook`, secret: 'HK', ...common }],
  };
  writeFileSync(path, JSON.stringify(manifest));
  const double = findingDoubles().gitleaks;
  if (double === undefined) throw new Error('no recorded case');
  const toolsDir = await world.store({ gitleaks: double });
  const exportDir = join(world.root, 'export');
  return {
    world,
    received: server.received,
    scan: () => world.scan(toolsDir, { env: DECLARED, options: { offline: false, exportDir } }),
    async deliver() {
      const env = { ...surroundings(world.root, toolsDir), ...DECLARED };
      const run = startCli(
        ['deliver', '--json', '--trust-workspace', '--export-dir', exportDir],
        world.workspace,
        env,
      );
      const { stdout, stderr } = await run.ended;
      return stdout + stderr;
    },
  };
}

/** All that left the machine or stays beside the bundle, and what people and programs are reported. */
function everything(
  { world, received }: Bed,
  outcome: ScanOutcome,
  printed: string,
): ReadonlyMap<string, string> {
  const beside = join(world.root, 'export');
  const files = (readdirSync(beside, { recursive: true }) as string[]).filter((name) =>
    /\.jsonl$/.test(name),
  );
  return new Map([
    ...received.map(({ method, url, headers, body }, index): [string, string] => {
      // Basic authentication is what the password is for, and a signature names the key that made it.
      const { authorization = '', ...rest } = headers;
      const shown = authorization.replace(/^Basic .*|Credential=[^/]*/, '');
      return [
        `request ${index} ${method} ${url.slice(-40)}`,
        `${url} ${shown} ${JSON.stringify(rest)} ${body}`,
      ];
    }),
    ...files.map((name): [string, string] => [name, readFileSync(join(beside, name), 'utf8')]),
    ['outcome', JSON.stringify([outcome.diagnostics, outcome.scan])],
    ['deliver', printed],
  ]);
}

function leaks(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([where, text]) =>
    [...Object.values(DECLARED), FOUND].flatMap((value) =>
      spellings(value).some((form) => text.includes(form)) ? [`${where}: ${value.slice(0, 12)}…`] : [],
    ),
  );
}

describe('declared secrets, and one that a secret scanner found', { timeout: 60_000 }, () => {
  it.each(['taken', 'refused'] as const)(
    'are in no request, log, dead letter or message where it is %s',
    async (answers) => {
      const one = await bed(['gitleaks'], answers);
      const outcome = await one.scan();
      expect(outcome.scan?.delivery?.map(({ state }) => state)).toEqual(
        Array(3).fill(answers === 'taken' ? 'delivered' : 'failed'),
      );
      const printed = await one.deliver();
      const texts = everything(one, outcome, printed);
      expect(leaks(texts)).toEqual([]);
      // What was taken out had been told.
      expect(readFileSync(join(outcome.scan?.bundleDir ?? '', 'findings.sarif'), 'utf8')).toContain(
        'told-[redacted]',
      );
      const dead = [...texts.keys()].filter((name) => name.endsWith('dead-letter.jsonl'));
      expect(dead.length).toBe(answers === 'taken' ? 0 : 1);
      if (answers === 'taken') {
        const run = one.received.find(({ url }) => url.includes('/_create/'))?.body.toString() ?? '';
        expect(run).toContain('told-[redacted]');
      }
    },
  );

  it('would be: without the secret scanner nobody knows, and all receivers are told', async () => {
    const one = await bed([], 'taken');
    const outcome = await one.scan();
    const told = leaks(everything(one, outcome, ''));
    expect(told.filter((line) => line.includes('/_create/') || line.includes('/hook')).length).toBe(2);
    expect(told.every((line) => line.endsWith(`${FOUND.slice(0, 12)}…`))).toBe(true);
  });
});
