import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { assetName, releaseFiles } from '../../../src/delivery/github/release-files.ts';
import { bundleFiles, filesFor } from '../../../src/delivery/shared/bundle-files.ts';
import { type CliRun, startCli } from '../../support/cli.ts';
import { type CustomWorld, customWorld, manifestOf } from '../../support/custom-world.ts';
import { type Received, type Receiver, type Reply, receiver } from '../../support/delivery-rig.ts';
import { checkRequest } from '../../support/github-description.ts';
import { type DoubleRelease, type GithubDoubleOptions, githubDouble } from '../../support/github-double.ts';
import { filesOf } from '../../support/signed-world.ts';

const TOKEN = 'gh-token-0009';
const V1: DoubleRelease = { id: 7, tag: 'v1' };

const open: { dispose(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

interface Scene {
  readonly world: CustomWorld;
  readonly server: Receiver;
  readonly github: ReturnType<typeof githubDouble>;
  readonly sha: string;
  /** Runs a scan; on the tag v1 unless told otherwise. */
  run(env?: Readonly<Record<string, string>>, offline?: boolean): Promise<ScanOutcome>;
  deliver(...args: string[]): CliRun;
}

/** A repository with one commit, and a GitHub that has a release of its tag. */
async function scene(
  over: Partial<GithubDoubleOptions> = {},
  answer?: (request: Received, real: (request: Received) => Reply) => Reply | 'hang' | 'drop',
  github: Readonly<Record<string, unknown>> = {},
): Promise<Scene> {
  let double: ReturnType<typeof githubDouble> | undefined;
  const real = (request: Received): Reply => double?.answer(request) ?? { status: 500 };
  const server = await receiver((request) => (answer === undefined ? real(request) : answer(request, real)));
  open.push({ dispose: server.close });
  const settings = { repository: 'o/r', token: 'GH', apiUrl: server.origin, allowPrivate: true };
  const world = customWorld(
    manifestOf({
      secrets: { GH: 'env:GH' },
      delivery: { github: { ...settings, releaseAssets: true, ...github } },
    }),
  );
  open.push(world);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: world.workspace,
      encoding: 'utf8',
    }).trim();
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'one');
  const sha = git('rev-parse', 'HEAD');
  double = githubDouble({
    token: TOKEN,
    uploads: () => server.origin,
    releases: [V1],
    tags: { v1: sha },
    ...over,
  });
  const on = { GH: TOKEN, GITHUB_REF: 'refs/tags/v1' };
  return {
    world,
    server,
    github: double,
    sha,
    run: (env = {}, offline = false) => world.scan({ offline }, { env: { ...on, ...env } }),
    deliver: (...args) =>
      startCli(
        ['deliver', '--json', '--trust-workspace', '--export-dir', world.exportDir, ...args],
        world.workspace,
        {
          PATH: '/usr/bin:/bin',
          HOME: world.root,
          SECPLAN_CACHE_DIR: join(world.root, 'cache'),
          ...on,
        },
      ),
  };
}

const bundleOf = ({ scan }: ScanOutcome): string => scan?.bundleDir ?? '';
const codes = ({ diagnostics }: ScanOutcome) =>
  diagnostics.map(({ code }) => code).filter((code) => code !== 'SP5009');
const reportOf = ({ scan }: ScanOutcome) => scan?.delivery[0];

describe('release assets', () => {
  it('are one archive, the evidence and checksums.txt, last; asked as GitHub publishes it', async () => {
    const { run, github, sha, server } = await scene();
    const outcome = await run();
    const id = bundleOf(outcome).split('/').pop() ?? '';
    expect([outcome.exitCode, codes(outcome), github.wrong]).toEqual([0, [], []]);
    expect(reportOf(outcome)).toMatchObject({
      id: 'deliver:github-release',
      detail: `${github.assets.length} files to the release v1 of o/r`,
      links: [{ name: 'release v1 of o/r' }],
      limits: [],
    });
    expect(github.assets.map(({ name }) => name)).toEqual([
      `secplan-${id}.tar`,
      `secplan-${id}.attestation.intoto.json`,
      `secplan-${id}.attestation.vsa.intoto.json`,
      `secplan-${id}.checksums.txt`,
    ]);
    expect(sha).toHaveLength(40);
    // The archive holds the bundle as it was sealed.
    const listing = execFileSync('tar', ['-tf', '-'], { input: github.assets[0]?.body, encoding: 'utf8' });
    expect(listing.trim().split('\n').sort()).toEqual(
      filesOf(bundleOf(outcome))
        .map((path) => `${id}/${path}`)
        .sort(),
    );
    const verdict = execFileSync('tar', ['-xOf', '-', `${id}/verdict.json`], {
      input: github.assets[0]?.body,
    });
    expect(verdict).toEqual(readFileSync(join(bundleOf(outcome), 'verdict.json')));
    for (const { headers } of server.received) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('are the same bytes whenever they are made', async () => {
    const { run, github } = await scene();
    const outcome = await run();
    const files = await bundleFiles(bundleOf(outcome));
    if (!('files' in files)) throw new Error(files.join());
    const made = [];
    for await (const file of releaseFiles(files.dir, bundleOf(outcome).split('/').pop() ?? '', files.files))
      made.push([file.name, `sha256:${file.sha256}`]);
    expect(made).toEqual(github.assets.map(({ name, digest }) => [name, digest]));
  });

  it('of a run on no tag are nothing, and that is said: exit 0, a note, and later --tag', async () => {
    const { run, github, deliver, server } = await scene();
    const outcome = await run({ GITHUB_REF: 'refs/heads/main' });
    expect([outcome.exitCode, codes(outcome)]).toEqual([0, ['SP6070']]);
    expect(reportOf(outcome)).toMatchObject({ state: 'skipped', why: 'nothing' });
    expect(reportOf(outcome)?.detail).toContain('refs/heads/main');
    expect(server.received).toHaveLength(0);
    const later = await deliver('--tag', 'v1').ended;
    expect([later.code, github.writes(), github.wrong]).toEqual([0, 4, []]);
    // Another tag is another release: that it went to the first says nothing.
    expect((await deliver('--tag', 'v2').ended).code).toBe(3);
    expect((await deliver('--tag', '../x').ended).code).toBe(2);
  });

  it('go to the tag that git knows where no branch is checked out; of two, none', async () => {
    const { run, world, github, sha } = await scene({ tags: {} });
    const git = (...args: string[]) => execFileSync('git', args, { cwd: world.workspace, stdio: 'pipe' });
    git('tag', 'v1');
    git('checkout', '-q', '--detach', sha);
    const first = await run({ GITHUB_REF: '' });
    expect([first.exitCode, github.writes()]).toEqual([0, 4]);
    // The tag is not on GitHub yet: what could not be checked is said.
    expect(reportOf(first)).toMatchObject({ limits: [expect.stringContaining('could not check')] });
    git('tag', 'v1-again');
    const second = await run({ GITHUB_REF: '' });
    expect([second.exitCode, codes(second), github.writes()]).toEqual([0, ['SP6070'], 4]);
    expect(reportOf(second)?.detail).toContain('v1, v1-again');
  });

  it('of a draft are found in the list of releases, pages back', async () => {
    const others = Array.from({ length: 40 }, (_, index) => ({ id: 100 + index, tag: `x${index}` }));
    const { run, github } = await scene({ releases: [...others, { ...V1, draft: true }] });
    const outcome = await run();
    expect([outcome.exitCode, github.writes(), github.wrong]).toEqual([0, 4, []]);
    expect(reportOf(outcome)?.detail).toContain('the draft of the release v1');
  });

  it.each<[string, Partial<GithubDoubleOptions>, RegExp]>([
    ['no release', { releases: [] }, /o\/r has no release for v1: create one/],
    ['an immutable release', { releases: [{ ...V1, immutable: true }] }, /immutable/],
    ['a tag at another commit', { tags: { v1: 'f'.repeat(40) } }, /v1 points to ffffffffffff/],
    ['another token', { token: 'other' }, /401 \(Bad credentials\)/],
  ])('%s is a failure that says so, and 0 becomes 3', async (_, over, words) => {
    const { run, github } = await scene(over);
    const outcome = await run();
    expect([outcome.exitCode, codes(outcome), github.writes()]).toEqual([3, ['SP6042'], 0]);
    expect(reportOf(outcome)?.detail).toMatch(words);
    expect(existsSync(`${bundleOf(outcome)}.dead-letter.jsonl`)).toBe(true);
  });
});

describe('what is there already', () => {
  it('is left where it is the same, also when the log is lost', async () => {
    const { run, github, deliver } = await scene();
    const outcome = await run();
    writeFileSync(`${bundleOf(outcome)}.delivery.jsonl`, '');
    const again = await deliver().ended;
    expect([again.code, github.writes(), github.assets.length, github.wrong]).toEqual([0, 4, 4, []]);
    expect(JSON.parse(again.stdout).delivery[0].detail).toBe(
      '0 files to the release v1 of o/r, 4 already existed',
    );
  });

  it('and is another file of the same name is never replaced: a failure that names it', async () => {
    const { run, github, deliver } = await scene();
    const outcome = await run({}, true);
    const id = bundleOf(outcome).split('/').pop();
    // Of the same size: the digest tells.
    const own = readFileSync(join(bundleOf(outcome), 'checksums.txt'));
    const theirs = github.store(`secplan-${id}.checksums.txt`, Buffer.alloc(own.length, 'x'));
    const { code, stdout } = await deliver().ended;
    expect([code, JSON.parse(stdout).diagnostics[0].code]).toEqual([3, 'SP6042']);
    expect(JSON.parse(stdout).delivery[0].detail).toContain(`secplan-${id}.checksums.txt: the release has`);
    expect(github.assets.find((asset) => asset.name === theirs.name)?.body).toBe(theirs.body);
  });

  it('and of the same size, with no digest told, is taken for the same, and that is said', async () => {
    const { run } = await scene({ digests: false });
    const outcome = await run();
    expect([outcome.exitCode, codes(outcome)]).toEqual([0, ['SP6045']]);
    expect(reportOf(outcome)).toMatchObject({ limits: [expect.stringContaining('only their size')] });
  });

  it('and is half of a file is removed and sent again', async () => {
    const { run, github, deliver } = await scene();
    const outcome = await run({}, true);
    const id = bundleOf(outcome).split('/').pop();
    const half = github.store(`secplan-${id}.tar`, Buffer.alloc(0), 'starter');
    expect((await deliver().ended).code).toBe(0);
    expect([github.assets.length, github.assets.includes(half), github.wrong]).toEqual([4, false, []]);
    for (const asset of github.assets) expect([asset.name, asset.state]).toEqual([asset.name, 'uploaded']);
  });

  it.each(['starter', 'uploaded'] as const)(
    'after an attempt that ended in a 502 (%s) is looked at before the next',
    async (state) => {
      let failed = false;
      const { run, github } = await scene({}, (request, real) => {
        if (failed || !request.url.includes('.tar')) return real(request);
        failed = true;
        const name = new URL(request.url, 'http://x').searchParams.get('name') ?? '';
        github.store(name, state === 'starter' ? Buffer.alloc(0) : request.body, state);
        return { status: 502 };
      });
      const outcome = await run();
      expect([outcome.exitCode, github.assets.length, github.wrong]).toEqual([0, 4, []]);
      expect(github.writes()).toBe(state === 'starter' ? 4 : 3);
    },
  );

  it.each([1, 2, 4])('killed with -9 at file %i, then again: no duplicate, no hole', async (at) => {
    let run: CliRun | undefined;
    let [killed, posts] = [false, 0];
    const scenery = await scene({}, (request, real) => {
      if (request.method !== 'POST' || killed || run === undefined) return real(request);
      posts += 1;
      if (posts < at) return real(request);
      killed = true;
      const name = new URL(request.url, 'http://x').searchParams.get('name') ?? '';
      // The last one arrived whole; of the others GitHub has a half.
      if (at === 4) real(request);
      else scenery.github.store(name, Buffer.alloc(0), 'starter');
      run.child.kill('SIGKILL');
      return 'hang';
    });
    const { github, deliver } = scenery;
    const outcome = await scenery.run({}, true);
    run = deliver();
    expect((await run.ended).signal).toBe('SIGKILL');
    const again = await deliver().ended;
    expect([again.code, github.wrong]).toEqual([0, []]);
    expect(github.assets.map(({ name }) => name.replace(/^secplan-[^.]+/, '')).sort()).toEqual([
      '.attestation.intoto.json',
      '.attestation.vsa.intoto.json',
      '.checksums.txt',
      '.tar',
    ]);
    const sums = github.assets.find(({ name }) => name.endsWith('.checksums.txt'))?.body;
    expect(sums).toEqual(readFileSync(join(bundleOf(outcome), 'checksums.txt')));
    expect(github.assets.every(({ state }) => state === 'uploaded')).toBe(true);
  });
});

describe('what goes to a release', () => {
  it('has names that GitHub leaves as they are, each its own', () => {
    const taken = new Set<string>();
    for (const path of [
      'sbom/a b.cdx.json',
      'sbom/a.b.cdx.json',
      `sbom/${'ä'.repeat(300)}.spdx.json`,
      'tar',
    ]) {
      const name = assetName('secplan-1', path, taken);
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);
      expect(name).not.toMatch(/\.$/);
      expect(taken.has(name)).toBe(false);
      taken.add(name);
    }
    expect(taken.size).toBe(4);
  });

  it('holds no reports about personal data, in the archive or beside it, unless the manifest says so', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'secplan-test-'));
    open.push({ dispose: () => rmSync(dir, { recursive: true }) });
    const paths = [
      'findings.sarif',
      'privacy/pack.json',
      'reports/privacy/p.sarif',
      'sbom/privacy/x.cdx.json',
      'sbom/source.cdx.json',
      'checksums.txt',
    ];
    const files = paths.map((path) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), path);
      return { path, bytes: path.length, sha256: createHash('sha256').update(path).digest('hex') };
    });
    const made = async (includePrivacy: boolean) => {
      const all: string[] = [];
      for await (const { name, bytes } of releaseFiles(dir, 'b1', filesFor({ dir, files }, includePrivacy)))
        all.push(name, ...(name.endsWith('.tar') ? [bytes.toString('latin1')] : []));
      return all.join('\n');
    };
    const kept = await made(false);
    expect(kept).toContain('b1/sbom/source.cdx.json');
    expect(kept).toContain('secplan-b1.sbom.source.cdx.json');
    expect(kept).not.toContain('privacy');
    expect(await made(true)).toMatch(/b1\/privacy\/pack\.json.*secplan-b1\.sbom\.privacy\.x\.cdx\.json/s);
  });

  it('is asked at uploads.github.com for github.com, and nowhere else', async () => {
    const { deliveryStages } = await import('../../../src/planner/passes/delivery-stages.ts');
    const hosts = (apiUrl: string) =>
      deliveryStages(
        {
          deliveries: [
            {
              id: 'deliver:github-release',
              optional: false,
              allowPrivate: false,
              includePrivacy: false,
              pointer: '',
              to: { type: 'github-release', repository: null, apiUrl, token: 'T' },
            },
          ],
        } as never,
        'attest' as never,
      )[0]?.network;
    expect(hosts('https://api.github.com')).toEqual({ egress: ['api.github.com', 'uploads.github.com'] });
    expect(hosts('https://api.acme.ghe.com')).toEqual({
      egress: ['api.acme.ghe.com', 'uploads.acme.ghe.com'],
    });
    expect(hosts('https://git.example.org/api/v3')).toEqual({ egress: ['git.example.org'] });
  });

  it('goes nowhere when GitHub names another host for files', async () => {
    const { run, github } = await scene({ uploads: () => 'https://elsewhere.example' });
    const outcome = await run();
    expect([outcome.exitCode, github.writes()]).toEqual([3, 0]);
    expect(reportOf(outcome)?.detail).toBe('elsewhere.example is not an allowed host');
  });
});

describe("the check against GitHub's description bites", () => {
  const good: Received = {
    method: 'POST',
    url: '/repos/o/r/releases/7/assets?name=a.tar',
    headers: {
      accept: 'application/vnd.github+json',
      'user-agent': 'secplan',
      'x-github-api-version': '2022-11-28',
      'content-type': 'application/octet-stream',
      'content-length': '1',
    },
    body: Buffer.from('x'),
  };
  const headers = (over: Readonly<Record<string, string>>) => ({
    ...good,
    headers: { ...good.headers, ...over },
  });

  it('lets a good request through', () => {
    expect(checkRequest(good, true)).toMatchObject({ operation: 'repos/upload-release-asset', wrong: [] });
  });

  it.each<[string, Received, boolean]>([
    ['the wrong host', good, false],
    ['no name', { ...good, url: '/repos/o/r/releases/7/assets' }, true],
    ['a parameter that there is not', { ...good, url: `${good.url}&overwrite=true` }, true],
    ['an id that is none', { ...good, url: '/repos/o/r/releases/v1/assets?name=a' }, true],
    ['a path that there is not', { ...good, url: '/repos/o/r/release/7/assets?name=a' }, true],
    ['a method that there is not', { ...good, method: 'PUT' }, true],
    ['a body of another kind', headers({ 'content-type': 'text/plain' }), true],
    ['another version', headers({ 'x-github-api-version': '1999-01-01' }), true],
    ['another answer', headers({ accept: 'text/html' }), true],
  ])('%s', (_, request, upload) => {
    expect(checkRequest(request, upload).wrong).not.toEqual([]);
  });

  it('and a body that is not of the schema', () => {
    const body = Buffer.from(JSON.stringify({ commit_sha: 'x', ref: 'main', sarif: '' }));
    const sent = {
      ...headers({ 'content-type': 'application/json', 'content-length': String(body.length) }),
      body,
    };
    expect(checkRequest({ ...sent, url: '/repos/o/r/code-scanning/sarifs' }, false).wrong).toEqual([
      'another body',
    ]);
  });
});
