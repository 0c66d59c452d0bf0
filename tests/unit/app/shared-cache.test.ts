import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import type { ScanRequestOptions } from '../../../src/app/contract/scan-option-types.ts';
import { openRemoteCache } from '../../../src/app/remote-cache/open-remote-cache.ts';
import { verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { signedEntry } from '../../../src/executor/cache/remote/signed-entry.ts';
import { startCli } from '../../support/cli.ts';
import { type CustomWorld, customWorld, MINE, manifestOf } from '../../support/custom-world.ts';
import { objectStore, type Receiver, receiver, spellings } from '../../support/delivery-rig.ts';
import { filesOf, keyPair } from '../../support/signed-world.ts';

let root: string;
const worlds: CustomWorld[] = [];
const servers: Receiver[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-shared-'));
});
afterEach(async () => {
  rmSync(root, { recursive: true, force: true });
  for (const world of worlds.splice(0)) world.dispose();
  for (const server of servers.splice(0)) await server.close();
});

const mine = keyPair();
const theirs = keyPair('ed25519');
const spki = (pub: string): string => pub.replaceAll(/-----[^-]+-----|\s/g, '');

const folder = (): string => join(root, 'cache');
const inFolder = () => ({ url: pathToFileURL(folder()).href, sign: 'KEY', trust: [mine.pub] });

// Neither reads the manifest: it may differ from machine to machine.
const TWO = { custom: { mine: { ...MINE, inputs: ['**/*.txt'] }, other: { ...MINE, inputs: ['a.txt'] } } };

function manifestWith(remote: object, over: object = {}): Record<string, unknown> {
  return manifestOf({
    tools: TWO,
    profiles: { own: { tools: { enable: ['mine', 'other'] } } },
    secrets: { KEY: 'env:KEY', TOKEN: 'env:TOKEN' },
    cache: { remote },
    ...over,
  });
}

/** A machine: a checkout, a home and its own cache. */
function machine(manifest: unknown): CustomWorld {
  const world = customWorld(manifest);
  world.write('a.txt', 'FIXME\n');
  worlds.push(world);
  return world;
}

interface Ran {
  readonly exitCode: number;
  /** Stage to whether it came from a cache. */
  readonly cached: Readonly<Record<string, boolean>>;
  /** `code: summary` of warnings and errors. */
  readonly told: readonly string[];
  readonly seen: string;
}

async function run(
  world: CustomWorld,
  options: ScanRequestOptions = {},
  env: Readonly<Record<string, string>> = { KEY: mine.pem },
): Promise<Ran> {
  const cached: Record<string, boolean> = {};
  const events: unknown[] = [];
  const outcome = await world.scan(
    { offline: false, ...options },
    {
      env,
      onEvent: (event) => {
        events.push(event);
        if (event.type === 'stage-finished' && ['mine', 'other'].includes(event.stage))
          cached[event.stage] = event.cached;
      },
    },
  );
  const { exitCode, diagnostics, scan } = outcome;
  const files =
    scan === undefined
      ? []
      : filesOf(scan.bundleDir).map((path) => readFileSync(join(scan.bundleDir, path), 'latin1'));
  return {
    exitCode,
    cached,
    told: diagnostics
      .filter(({ code }) => /^SP508|error/.test(code) || outcome.exitCode === 2)
      .map(({ code, summary }) => `${code}: ${summary}`),
    seen: [JSON.stringify(events), JSON.stringify(outcome), ...files].join('\n'),
  };
}

const ALL_RAN = { mine: false, other: false };
const NONE_RAN = { mine: true, other: true };

function entries(section: 'actions' | 'blobs'): string[] {
  const dir = join(folder(), section);
  return (readdirSync(dir, { recursive: true }) as string[])
    .map((path) => join(dir, path))
    .filter((path) => statSync(path).isFile())
    .sort();
}

const recordIn = (path: string) => {
  const { payload } = JSON.parse(readFileSync(path, 'utf8'));
  return JSON.parse(Buffer.from(payload, 'base64').toString());
};

describe('a cache in a folder', () => {
  beforeEach(() => mkdirSync(folder()));

  it('by the command line: what one machine ran, the other does not', async () => {
    const [one, two] = [machine(manifestWith(inFolder())), machine(manifestWith(inFolder()))];
    const cli = (world: CustomWorld, key: string) =>
      startCli(
        ['run', '--profile', 'own', '--json', '--trust-workspace', '--export-dir', world.exportDir],
        world.workspace,
        {
          PATH: process.env.PATH ?? '',
          HOME: world.root,
          KEY: key,
          TOKEN: 'token-7391',
          SECPLAN_CACHE_DIR: join(world.root, 'cache'),
        },
      );
    const stages = async (ran: ReturnType<typeof cli>): Promise<unknown[]> => {
      const ended = await ran.ended;
      expect(ended.code, ended.stderr).toBe(0);
      return ran.events
        .filter(({ type, stage }) => type === 'stage-finished' && /mine|other/.test(String(stage)))
        .map(({ stage, cached, findings }) => [stage, cached, findings])
        .sort();
    };
    expect(await stages(cli(one, mine.pem))).toEqual([
      ['mine', false, 1],
      ['other', false, 1],
    ]);
    // Without the private half, which is what most machines lack.
    expect(await stages(cli(two, ''))).toEqual([
      ['mine', true, 1],
      ['other', true, 1],
    ]);
    // The bundle says that they ran elsewhere, and who vouches for it.
    const sharedBy = `sha256:${createHash('sha256')
      .update(Buffer.from(spki(mine.pub), 'base64'))
      .digest('hex')}`;
    const said = (world: CustomWorld) => {
      const read = (name: string) => JSON.parse(readFileSync(join(world.exportDir, 'latest', name), 'utf8'));
      const { resolvedDependencies } = read('attestation.intoto.json').predicate.buildDefinition;
      return [
        read('summary.json').tools.map((tool: { sharedBy?: string }) => tool.sharedBy),
        resolvedDependencies.flatMap(
          ({ name, annotations }: { name: string; annotations?: { sharedBy?: string } }) =>
            name.startsWith('tool:') ? [annotations?.sharedBy] : [],
        ),
      ];
    };
    expect(said(one)).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(said(two)).toEqual([
      [sharedBy, sharedBy],
      [sharedBy, sharedBy],
    ]);
    const verified = await verifyBundle({ cwd: two.root, bundle: join(two.exportDir, 'latest') });
    expect(verified.ok && verified.value.failures).toEqual([]);
  });

  it('is the same by a plan file, and left as it is where it is only read', async () => {
    const [one, two] = [machine(manifestWith(inFolder())), machine(manifestWith(inFolder()))];
    expect(await run(one)).toMatchObject({ exitCode: 0, cached: ALL_RAN, told: [] });
    const before = entries('actions');
    expect(before).toHaveLength(2);
    two.write('b.txt', 'new\n');
    // `other` does not read b.txt.
    const read = await run(two, {}, {});
    expect(read.cached).toEqual({ mine: false, other: true });
    expect(read.told).toEqual(['SP5084: the shared cache is read-only: the secret KEY is missing']);
    expect(entries('actions')).toEqual(before);
    const plan = join(root, 'plan.json');
    const [bundle = ''] = readdirSync(one.exportDir).filter((name) => name !== 'latest');
    cpSync(join(one.exportDir, bundle, 'plan.json'), plan);
    const three = machine(manifestWith(inFolder()));
    const applied = await run(three, { plan, workspace: three.workspace, profile: undefined });
    expect(applied).toMatchObject({ exitCode: 0, cached: NONE_RAN, told: [] });
  });

  it.each<[string, RegExp, (path: string, other: string) => void]>([
    [
      'a byte of an entry flipped',
      /^SP5080: actions\/.* of the shared cache is refused: it is (not a cache entry|not signed)|its signature is not from a trusted key/,
      (path) => {
        const bytes = readFileSync(path);
        const at = Math.floor(bytes.length / 3);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
    [
      'a clean result in place of the real one, unsigned',
      /is refused: its signature is not from a trusted key$/,
      (path) => {
        const envelope = JSON.parse(readFileSync(path, 'utf8'));
        const record = recordIn(path);
        record.outputs = {};
        envelope.payload = Buffer.from(JSON.stringify(record)).toString('base64');
        writeFileSync(path, JSON.stringify(envelope));
      },
    ],
    [
      'an entry signed by a stranger',
      /is refused: its signature is not from a trusted key$/,
      (path) => writeFileSync(path, signedEntry(recordIn(path), theirs.privateKey)),
    ],
    [
      "another stage's genuine entry in its place",
      /is refused: it was signed for another key$/,
      (path, other) => cpSync(other, path),
    ],
  ])('%s is a miss, is told by its name, and the scanner runs', async (_, why, poison) => {
    const [one, two] = [machine(manifestWith(inFolder())), machine(manifestWith(inFolder()))];
    await run(one);
    const [first = '', second = ''] = entries('actions');
    const genuine = readFileSync(second);
    poison(first, second);
    expect(readFileSync(second)).toEqual(genuine);
    const poisoned = recordIn(second).stage === 'mine' ? 'other' : 'mine';
    const ran = await run(two);
    expect(ran.exitCode).toBe(0);
    expect(ran.cached).toEqual({ ...NONE_RAN, [poisoned]: false });
    expect(ran.told).toEqual([expect.stringMatching(why)]);
    expect(ran.told[0]).toContain(first.slice(folder().length + 1));
  });

  it('an old entry put back under a newer key is a miss', async () => {
    const [one, two] = [machine(manifestWith(inFolder())), machine(manifestWith(inFolder()))];
    one.write('a.txt', 'clean\n');
    await run(one);
    const old = entries('actions');
    one.write('a.txt', 'FIXME\n');
    await run(one);
    const clean = old.find((path) => recordIn(path).stage === 'mine') ?? '';
    const now =
      entries('actions').find((path) => !old.includes(path) && recordIn(path).stage === 'mine') ?? '';
    cpSync(clean, now);
    const ran = await run(two);
    expect(ran.cached).toEqual({ mine: false, other: true });
    expect(ran.told).toEqual([expect.stringMatching(/it was signed for another key$/)]);
    expect(ran.seen).toContain('to fix');
  });

  it('a byte of a file flipped is a miss and is told', async () => {
    const [one, two] = [machine(manifestWith(inFolder())), machine(manifestWith(inFolder()))];
    await run(one);
    for (const path of entries('blobs')) {
      const bytes = readFileSync(path);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    }
    const ran = await run(two);
    expect([ran.exitCode, ran.cached]).toEqual([0, ALL_RAN]);
    expect(ran.told.length).toBeGreaterThan(0);
    for (const told of ran.told)
      expect(told).toMatch(/^SP5080: blobs\/.*the file does not match its digest in the entry$/);
  });

  it('that trusts only others is not believed when filled by oneself', async () => {
    const stranger = { ...inFolder(), sign: undefined, trust: [theirs.pub] };
    await run(machine(manifestWith(inFolder())));
    const ran = await run(machine(manifestWith(stranger)));
    expect(ran.cached).toEqual(ALL_RAN);
    expect(ran.told).toHaveLength(2);
    // Another's key besides, in the short form.
    const both = await run(machine(manifestWith({ ...stranger, trust: [spki(theirs.pub), spki(mine.pub)] })));
    expect(both).toMatchObject({ cached: NONE_RAN, told: [] });
  });

  it('a key that does not sign is refused before anything starts', async () => {
    const ran = await run(machine(manifestWith(inFolder())), {}, { KEY: 'no key at all' });
    expect([ran.exitCode, ran.told]).toEqual([
      2,
      ['SP5083: the secret KEY cannot sign: it is not a PEM private key'],
    ]);
    expect(ran.seen).not.toContain('stage-started');
  });

  it('holds results of scanners: no databases, and nothing of privacy scanners unless it is asked to', async () => {
    const sharedBy = async (over: object): Promise<string[]> => {
      const { workspace } = machine({
        ...manifestOf({ targets: { privacy: [{ name: 'pack', path: '.' }] } }),
        secrets: { KEY: 'env:KEY' },
        cache: { remote: { ...inFolder(), ...over } },
      });
      const compiled = await compileManifest({ cwd: workspace, profile: 'light' });
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
      const { plan } = compiled.value;
      expect(plan.stages.filter(({ kind }) => kind === 'database')).not.toEqual([]);
      const surroundings = { offline: false, underReview: false, signal: new AbortController().signal };
      const opened = openRemoteCache(plan, { secrets: { KEY: mine.pem }, ...surroundings });
      return [...((opened.ok && opened.value?.shares) || [])];
    };
    expect(await sharedBy({})).toEqual(['bandit', 'detect-secrets', 'opengrep', 'ruff', 'trivy-fs']);
    expect(await sharedBy({ includePrivacy: true })).toContainEqual(expect.stringMatching(/^presidio/));
  });
});

describe('a cache behind http', () => {
  async function serve(answer: Parameters<typeof receiver>[0]): Promise<Receiver> {
    const server = await receiver(answer);
    servers.push(server);
    return server;
  }
  const remoteOf = (server: Receiver, over: object = {}) => ({
    url: `${server.origin}/team/`,
    token: 'TOKEN',
    sign: 'KEY',
    allowPrivate: true,
    timeout: '5s',
    ...over,
  });
  const TOKEN = 'tok-8841-ZZ/+x';
  const env = { KEY: mine.pem, TOKEN };

  it('gives what another left, and the token reaches nobody else', async () => {
    const store = objectStore();
    const server = await serve(store.answer);
    const ran = await run(machine(manifestWith(remoteOf(server))), {}, env);
    expect(ran).toMatchObject({ exitCode: 0, cached: ALL_RAN, told: [] });
    const again = await run(machine(manifestWith(remoteOf(server))), {}, env);
    expect(again).toMatchObject({ exitCode: 0, cached: NONE_RAN, told: [] });
    for (const { headers, url } of server.received) {
      expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
      expect(url).toMatch(/^\/team\/(actions|blobs)\/[0-9a-f]{2}\/[0-9a-f]{62}$/);
    }
    const puts = server.received.filter(({ method }) => method === 'PUT');
    expect(puts.every(({ headers }) => headers['if-none-match'] === '*')).toBe(true);
    for (const spelling of spellings(TOKEN))
      expect([ran.seen, again.seen, ...puts.map(({ body }) => body.toString())].join()).not.toContain(
        spelling,
      );
    for (const line of mine.pem.split('\n').slice(1, -2)) expect(ran.seen).not.toContain(line);
  });

  it.each<[string, () => ReturnType<Parameters<typeof receiver>[0]>, RegExp]>([
    ['that refuses', () => ({ status: 403 }), /it answered 403/],
    ['that is broken', () => ({ status: 503 }), /answered 503/],
    ['that hangs up', () => 'drop', /127\.0\.0\.1/],
    [
      'that redirects',
      () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }),
      /it answered 302/,
    ],
  ])('%s costs one question and one warning, never the verdict', async (_, answer, why) => {
    const server = await serve(answer);
    // One after the other, so that the second stage knows of the first.
    const over = { tools: { custom: { ...TWO.custom, other: { ...TWO.custom.other, needs: ['mine'] } } } };
    const ran = await run(machine(manifestWith(remoteOf(server), over)), {}, env);
    expect([ran.exitCode, ran.cached]).toEqual([0, ALL_RAN]);
    expect(ran.told).toEqual([expect.stringMatching(why)]);
    expect(ran.told[0]).toMatch(/^SP5081: the shared cache is no longer used in this run: /);
    expect(server.received).toHaveLength(1);
  });

  it('that never answers is waited for as long as its timeout says', async () => {
    const server = await serve(() => 'hang');
    const over = { tools: { custom: { ...TWO.custom, other: { ...TWO.custom.other, needs: ['mine'] } } } };
    const ran = await run(machine(manifestWith(remoteOf(server, { timeout: '150ms' }), over)), {}, env);
    expect([ran.exitCode, ran.cached]).toEqual([0, ALL_RAN]);
    expect(ran.told).toEqual([
      'SP5081: the shared cache is no longer used in this run: it took longer than 0.15 s',
    ]);
    expect(server.received).toHaveLength(1);
  });

  it('at a private address is not asked, unless it may be', async () => {
    const server = await serve(objectStore().answer);
    const url = server.origin.replace('http:', 'https:');
    const ran = await run(machine(manifestWith(remoteOf(server, { url, allowPrivate: false }))), {}, env);
    expect([ran.exitCode, ran.cached, ran.told.length]).toEqual([0, ALL_RAN, 1]);
    expect(ran.told[0]).toContain('resolves to a private, loopback or link-local address');
    expect(server.received).toEqual([]);
  });

  it('is left out with --offline, and without its credentials', async () => {
    const server = await serve(objectStore().answer);
    const manifest = manifestWith(remoteOf(server));
    expect((await run(machine(manifest), { offline: true }, env)).told).toEqual([
      'SP5081: the shared cache is not used: --offline forbids the network',
    ]);
    expect((await run(machine(manifest), {}, { KEY: mine.pem })).told).toEqual([
      'SP5081: the shared cache is not used: its secrets are missing: TOKEN',
    ]);
    expect(server.received).toEqual([]);
  });
});

describe('in a pull request', () => {
  const git = (world: CustomWorld, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: world.workspace,
      stdio: 'pipe',
    });
  const pr = { KEY: mine.pem, GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main' };

  /** A checkout whose base has one manifest and whose head another. */
  function change(base: object, head: object): CustomWorld {
    const world = machine(base);
    git(world, 'init', '-q', '-b', 'main');
    git(world, 'add', '.');
    git(world, 'commit', '-qm', 'base');
    git(world, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
    world.write('secplan.json', JSON.stringify(head));
    git(world, 'commit', '-qam', 'head', '--allow-empty');
    return world;
  }

  beforeEach(() => mkdirSync(folder()));

  it.each<[string, () => object, () => object]>([
    [
      'a cache that the base does not have',
      () => manifestWith({}, { cache: {} }),
      () => manifestWith(inFolder()),
    ],
    [
      'another key that is trusted',
      () => manifestWith(inFolder()),
      () => manifestWith({ ...inFolder(), trust: [theirs.pub] }),
    ],
    [
      'another place',
      () => manifestWith(inFolder()),
      () => manifestWith({ ...inFolder(), url: pathToFileURL(join(root, 'evil')).href }),
    ],
  ])('%s is refused without --trusted, and not heard with it', async (_, base, head) => {
    const world = change(base(), head());
    const ran = await run(world, {}, pr);
    expect([ran.exitCode, ran.told[0]]).toEqual([
      2,
      expect.stringMatching(/^SP2064: a shared cache: refs\/remotes\/origin\/main does not grant this/),
    ]);
    expect(readdirSync(folder())).toEqual([]);
    const trusted = await run(world, { trusted: 'origin/main' }, pr);
    expect(trusted.exitCode).toBe(0);
    const hasOne = (base() as { cache: { remote?: object } }).cache.remote !== undefined;
    expect(readdirSync(folder())).toEqual(hasOne ? ['actions', 'blobs'] : []);
  });

  it('the cache of the base is read, and filled only with --trusted', async () => {
    const manifest = manifestWith(inFolder());
    const world = change(manifest, manifest);
    const ran = await run(world, {}, pr);
    expect([ran.exitCode, ran.cached, ran.told]).toEqual([
      0,
      ALL_RAN,
      ['SP5084: the shared cache is read-only: this is a pull request without --trusted'],
    ]);
    expect(readdirSync(folder())).toEqual([]);
    await run(machine(manifest));
    expect((await run(change(manifest, manifest), {}, pr)).cached).toEqual(NONE_RAN);
  });

  it('a plan file may not bring one', async () => {
    const world = machine(manifestWith(inFolder()));
    await run(world);
    const [bundle = ''] = readdirSync(world.exportDir).filter((name) => name !== 'latest');
    const plan = join(world.exportDir, bundle, 'plan.json');
    const ran = await run(world, { plan, workspace: world.workspace, profile: undefined }, pr);
    expect([ran.exitCode, ran.told]).toEqual([
      2,
      [expect.stringMatching(/^SP2064: results come from a shared cache, requested by a plan file/)],
    ]);
  });
});

describe('the own cache in the workspace', () => {
  const git = (world: CustomWorld, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: world.workspace,
      stdio: 'pipe',
    });
  const inside = () => manifestWith({}, { cache: { dir: 'cache/own' } });
  const scan = (world: CustomWorld) =>
    run(world, { offline: true }, { SECPLAN_CACHE_DIR: '', KEY: mine.pem, TOKEN: 'token-7391' });

  it('is used while git tracks nothing of it', async () => {
    const world = machine(inside());
    git(world, 'init', '-q');
    world.write('.gitignore', 'cache/\n');
    git(world, 'add', '.');
    git(world, 'commit', '-qm', 'one');
    expect(await scan(world)).toMatchObject({ exitCode: 0, cached: ALL_RAN, told: [] });
    expect((await scan(world)).cached).toEqual(NONE_RAN);
  });

  it.each<[string, (world: CustomWorld) => void]>([
    ['entries were committed', (world) => git(world, 'add', '-f', 'cache/own/actions')],
    [
      'it is a link that was committed',
      (world) => {
        rmSync(join(world.workspace, 'cache'), { recursive: true });
        world.write('fake/own/actions/x', '');
        symlinkSync('fake', join(world.workspace, 'cache'));
        git(world, 'add', '-f', 'cache');
      },
    ],
    [
      'it leads to what was committed',
      (world) => {
        renameSync(join(world.workspace, 'cache/own'), join(world.workspace, 'fake'));
        git(world, 'add', '-f', 'fake');
        symlinkSync('../fake', join(world.workspace, 'cache/own'));
      },
    ],
  ])('is refused where %s', async (_, commit) => {
    const world = machine(inside());
    git(world, 'init', '-q');
    expect((await scan(world)).cached).toEqual(ALL_RAN);
    commit(world);
    const ran = await scan(world);
    expect([ran.exitCode, ran.told]).toEqual([
      2,
      [expect.stringMatching(/^SP5085: the cache folder is not used: git tracks /)],
    ]);
  });
});

describe('a manifest with one', () => {
  it.each<[string, object, string[]]>([
    ['without any key', { url: 'file:///srv/cache' }, ['SP5082']],
    ['only read, and nobody trusted', { url: 'file:///srv/cache', sign: 'KEY', readOnly: true }, ['SP5082']],
    ['with what is no key', { url: 'file:///srv/cache', trust: ['bm8ga2V5'] }, ['SP5082']],
    ['with a private key in it', { url: 'file:///srv/cache', trust: [mine.pem] }, ['SP5082']],
    ['a bucket without credentials', { url: 's3://b/p', sign: 'KEY' }, ['SP5082']],
    ['with a user in the address', { url: 'https://u:p@h.example/', sign: 'KEY' }, ['SP5082']],
    ['over plain http', { url: 'http://h.example/', sign: 'KEY' }, ['SP6041']],
    ['with a region and no bucket', { url: 'https://h.example/', sign: 'KEY', region: 'x' }, ['SP5082']],
    [
      'with a token for a bucket',
      { url: 's3://b', accessKey: 'KEY', secretKey: 'KEY', token: 'TOKEN', sign: 'KEY' },
      ['SP5082'],
    ],
    ['with a secret that is not declared', { url: 'file:///srv/cache', sign: 'NONE' }, ['SP2013']],
    [
      'with a password and no key',
      { url: 'file:///srv/cache', password: 'KEY', trust: [mine.pub] },
      ['SP2005'],
    ],
    ['of another scheme', { url: 'ftp://h.example/x', sign: 'KEY' }, ['SP2005']],
  ])('%s is refused', async (_, remote, expected) => {
    const ran = await run(machine(manifestWith(remote)));
    expect(ran.exitCode).toBe(2);
    expect(ran.told.map((line) => line.slice(0, 6))).toEqual(expected);
    for (const line of mine.pem.split('\n').slice(1, -2)) expect(ran.seen).not.toContain(line);
  });
});
