import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { composeManifest } from '../../../src/app/trust/compose-manifest.ts';
import { grantsBeyond, grantsOf } from '../../../src/app/trust/grants.ts';
import { pullRequestOf } from '../../../src/app/trust/pull-request.ts';
import type { Manifest } from '../../../src/compiler/manifest.gen.ts';
import { type CustomWorld, customWorld, MINE, manifestOf, SCANNER } from '../../support/custom-world.ts';

const open: CustomWorld[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.dispose();
});

const STRICT = { budgets: { default: { info: 0, low: 0, medium: 0 } } };
const BASE = manifestOf({ policy: STRICT });

/** A repository whose `main` holds a strict policy and one FIXME, which that policy fails. */
function repository(manifest: object = BASE): { world: CustomWorld; git: (...args: string[]) => string } {
  const world = customWorld(manifest);
  open.push(world);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: world.workspace,
      env: { PATH: process.env.PATH, HOME: world.root, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  git('init', '-q', '-b', 'main');
  world.write('bad.txt', 'FIXME\n');
  git('add', '.');
  git('commit', '-qm', 'base');
  git('checkout', '-qb', 'change');
  return { world, git };
}

const change = (world: CustomWorld, manifest: object): void =>
  world.write('secplan.json', JSON.stringify(manifest));
const codes = (outcome: ScanOutcome): string[] => outcome.diagnostics.map(({ code }) => code);
const said = (outcome: ScanOutcome): string =>
  outcome.diagnostics.map(({ code, pointer, summary }) => `${code} ${pointer ?? ''} ${summary}`).join('\n');

describe('--trusted', () => {
  it('gates an unchanged manifest as ever', async () => {
    const { world } = repository();
    const outcome = await world.scan({ trusted: 'main' });
    expect(outcome.exitCode, said(outcome)).toBe(1);
    expect(codes(outcome)).not.toContain('SP2065');
  });

  const baseline = (print: string): string =>
    JSON.stringify({
      schema: 'https://secplan.dev/schema/baseline/v1',
      findings: [{ fingerprint: print, target: 'source', tool: 'mine', rule: 'fixme' }],
    });

  // Each of them makes the run pass where it is believed: the planted violation, run without --trusted, says so.
  it.each<[string, (world: CustomWorld, print: string) => void]>([
    [
      'raises a budget',
      (world) => change(world, manifestOf({ policy: { budgets: { default: { high: 0 } } } })),
    ],
    [
      'brings budgets of its own for the profile',
      (world) =>
        change(world, {
          ...BASE,
          profiles: { own: { tools: { enable: ['mine'] }, budgets: { high: 0 } } },
        }),
    ],
    [
      'takes other budgets by another ancestor',
      (world) =>
        change(world, {
          ...BASE,
          profiles: {
            loose: { budgets: { high: 0 } },
            own: { extends: 'loose', tools: { enable: ['mine'] } },
          },
        }),
    ],
    [
      'adds a waiver',
      (world) => {
        const waiver = { match: { rule: 'fixme' }, reason: 'r', owner: 'o', expires: '2099-01-01' };
        change(world, manifestOf({ policy: { ...STRICT, waivers: [waiver] } }));
      },
    ],
    [
      'rates its findings down',
      (world) =>
        change(
          world,
          manifestOf({
            policy: { budgets: { default: { low: 0, medium: 0 } } },
            tools: { custom: { mine: { ...MINE, severityMap: { fixme: 'info' } } } },
          }),
        ),
    ],
    [
      'adds a baseline to budgets for new findings',
      (world, print) => {
        world.write('secplan.baseline.json', baseline(print));
        change(world, manifestOf({ policy: { budgets: { default: { new: { info: 0, low: 0 } } } } }));
      },
    ],
  ])('a change that %s does not pass', async (_, weaken) => {
    const { world } = repository();
    const [first] = (await world.scan()).scan?.findings ?? [];
    weaken(world, first?.fingerprint ?? '');
    const believed = await world.scan();
    expect(believed.exitCode, said(believed)).toBe(0);
    const outcome = await world.scan({ trusted: 'main' });
    expect(outcome.exitCode, said(outcome)).toBe(1);
    expect(codes(outcome)).toContain('SP2065');
  });

  it('hears the ref’s baseline and not one that the change has grown', async () => {
    const { world, git } = repository(
      manifestOf({ policy: { budgets: { default: { new: { low: 0, info: 0 } } } } }),
    );
    const [first] = (await world.scan()).scan?.findings ?? [];
    world.write('secplan.baseline.json', baseline(first?.fingerprint ?? ''));
    expect((await world.scan()).exitCode).toBe(0);
    expect((await world.scan({ trusted: 'main' })).exitCode).toBe(1);
    git('add', '.');
    git('commit', '-qm', 'known now');
    expect((await world.scan({ trusted: 'change' })).exitCode).toBe(0);
  });

  it('a change that lets incomplete runs pass is not heard', async () => {
    const { world } = repository(manifestOf());
    world.write('scan.py', SCANNER);
    change(world, manifestOf({ policy: { onIncomplete: 'warn' } }));
    const outcome = await world.scan({ trusted: 'main' });
    expect(outcome.scan?.plan.policy.onIncomplete, said(outcome)).toBe('fail');
    expect((await world.scan()).scan?.plan.policy.onIncomplete).toBe('warn');
  });

  it('a change that switches the sandbox off is not heard', async () => {
    const { world } = repository();
    change(world, { ...BASE, runtime: { local: { sandbox: false } } });
    expect((await world.scan()).scan?.plan.sandbox).toBe('off');
    const outcome = await world.scan({ trusted: 'main' });
    expect(outcome.scan?.plan.sandbox, said(outcome)).toBeUndefined();
  });

  it('a change of a custom tool’s script is refused before anything is started', async () => {
    const { world } = repository();
    world.write('scan.py', SCANNER.replace("'FIXME'", "'NEVER'"));
    expect((await world.scan()).exitCode).toBe(0);
    const outcome = await world.scan({ trusted: 'main' });
    expect([outcome.exitCode, ...codes(outcome)]).toEqual([2, 'SP2064']);
    expect(said(outcome)).toContain('scan.py differs from main');
  });

  it('a change of a custom tool’s entry is not heard: what the ref names is what runs', async () => {
    const { world } = repository();
    world.write('other.py', SCANNER.replace("'FIXME'", "'NEVER'"));
    change(world, { ...BASE, tools: { custom: { mine: { ...MINE, command: ['python3', 'other.py'] } } } });
    const outcome = await world.scan({ trusted: 'main' });
    expect(outcome.exitCode, said(outcome)).toBe(1);
    expect(said(outcome)).toContain('SP2065 /tools/custom/mine');
  });

  it('a change that gives a tool a secret or the network is not heard', async () => {
    const { world } = repository();
    const mine = { ...MINE, secrets: ['TOKEN'], network: { egress: ['evil.example'] } };
    change(world, { ...BASE, tools: { custom: { mine } }, secrets: { TOKEN: 'env:HOME' } });
    const outcome = await world.scan({ trusted: 'main' });
    const stage = outcome.scan?.plan.stages.find(({ id }) => id === 'mine');
    expect(stage, said(outcome)).toMatchObject({ secrets: [], network: 'none' });
  });

  it.each(['strict.json', '..strict.json'])(
    '--policy %s is the ref’s where it lies in the repository',
    async (file) => {
      const { world, git } = repository();
      world.write(file, '{"low": 0, "info": 0, "medium": 0}');
      git('add', '.');
      git('commit', '-qm', 'strict');
      world.write(file, '{"high": 0}');
      expect((await world.scan({ policy: file })).exitCode).toBe(0);
      expect((await world.scan({ policy: file, trusted: 'change' })).exitCode).toBe(1);
      expect(codes(await world.scan({ policy: file, trusted: 'main' }))).toEqual(['SP2066']);
    },
  );

  it('a ref without a manifest grants nothing', async () => {
    const { world, git } = repository();
    git('checkout', '-q', '--orphan', 'empty');
    git('rm', '-rqf', '--cached', '.');
    world.write('only.txt', 'x');
    git('add', 'only.txt');
    git('commit', '-qm', 'empty');
    expect((await world.scan({ trusted: 'empty' })).exitCode).toBe(2);
  });

  it.each([
    ['a ref that does not exist', 'nowhere'],
    ['an option in place of a ref', '--help'],
  ])('%s is SP2066', async (_, trusted) => {
    const { world } = repository();
    expect(codes(await world.scan({ trusted }))).toEqual(['SP2066']);
  });

  it('runs no hook and checks nothing out', async () => {
    const { world, git } = repository();
    git('config', 'core.hooksPath', '.');
    world.write('post-checkout', '#!/bin/sh\ntouch hooked\n');
    const before = git('status', '--porcelain=v1', '-uall');
    await world.scan({ trusted: 'main' });
    expect(git('status', '--porcelain=v1', '-uall')).toBe(before);
  });
});

describe('a pull request without --trusted', () => {
  const GITHUB = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main' };
  const mine = { ...MINE, secrets: ['TOKEN'] };
  const granted = manifestOf({ tools: { custom: { mine } }, secrets: { TOKEN: 'env:HOME' } });

  function withOrigin(manifest: object): ReturnType<typeof repository> {
    const made = repository(manifest);
    made.git('update-ref', 'refs/remotes/origin/main', 'main');
    return made;
  }

  it('may grant what its base grants in just the same way', async () => {
    const { world } = withOrigin(granted);
    expect((await world.scan({}, { env: GITHUB })).scan).toBeDefined();
  });

  it('may change neither the Compose file nor the script of a service that is given a secret', async () => {
    const stacked = manifestOf({
      tools: { custom: { mine: { ...MINE, network: 'stack' } } },
      stack: { compose: 'compose.yaml' },
      secrets: { TOKEN: 'env:HOME' },
    });
    const { world, git } = repository(stacked);
    const compose = (more: string): string =>
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own notation
      'services: {db: {environment: {A: "${TOKEN}"}, x-secplan: {command: [/bin/sh, db.sh]}}}\n'.concat(more);
    world.write('compose.yaml', compose(''));
    world.write('db.sh', 'exit 1\n');
    git('add', '.');
    git('commit', '-qm', 'stack');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    // As the base has it, it is started, and fails as it is written to.
    expect((await world.scan({}, { env: GITHUB })).exitCode).toBe(3);
    world.write('db.sh', 'echo "$A" | rev\n');
    expect(said(await world.scan({}, { env: GITHUB }))).toContain('db.sh differs from');
    world.write('db.sh', 'exit 1\n');
    world.write('compose.yaml', compose('# another\n'));
    const outcome = await world.scan({}, { env: GITHUB });
    expect([outcome.exitCode, ...codes(outcome)]).toEqual([2, 'SP2064']);
    expect(said(outcome)).toContain('/stack/compose compose.yaml differs from');
  });

  it('is warned that it decides its own policy, where it changes it or its base cannot be seen', async () => {
    const budgets = (high: number) => manifestOf({ policy: { budgets: { default: { high } } } });
    const { world } = withOrigin(budgets(0));
    const warned = async (env: Record<string, string>) =>
      codes(await world.scan({}, { env })).filter((code) => code === 'SP2071');
    expect(await warned(GITHUB)).toEqual([]);
    change(world, budgets(9));
    expect(await warned(GITHUB)).toEqual(['SP2071']);
    expect(await warned({})).toEqual([]);
    expect(await warned({ CIRCLE_PULL_REQUEST: 'https://example.org/1' })).toEqual(['SP2071']);
  });

  it('needs no base where nothing is granted', async () => {
    const { world } = repository();
    expect((await world.scan({}, { env: { CI_MERGE_REQUEST_IID: '1' } })).scan).toBeDefined();
  });

  it.each<[string, object]>([
    ['a secret', granted],
    [
      'the network',
      manifestOf({ tools: { custom: { mine: { ...MINE, network: { egress: ['evil.example'] } } } } }),
    ],
    ['no sandbox', manifestOf({ runtime: { local: { sandbox: false } } })],
  ])('may not grant itself %s', async (_, manifest) => {
    const { world } = withOrigin(manifestOf());
    change(world, manifest);
    expect((await world.scan()).scan).toBeDefined();
    const outcome = await world.scan({}, { env: GITHUB });
    expect([outcome.exitCode, new Set(codes(outcome))]).toEqual([2, new Set(['SP2064'])]);
  });

  it.each<[string, object]>([
    ['another source of the secret', { ...granted, secrets: { TOKEN: 'env:PATH' } }],
    [
      'another command of the tool',
      { ...granted, tools: { custom: { mine: { ...mine, command: ['cat'] } } } },
    ],
  ])('may not name %s that its base grants', async (_, manifest) => {
    const { world } = withOrigin(granted);
    change(world, manifest);
    expect(codes(await world.scan({}, { env: GITHUB }))).toContain('SP2064');
  });

  it('may not change the script of a tool that is given a secret', async () => {
    const { world } = withOrigin(granted);
    world.write('scan.py', `${SCANNER}\n`);
    expect(said(await world.scan({}, { env: GITHUB }))).toContain('scan.py differs from');
  });

  it('is refused its grants where the base cannot be seen', async () => {
    const { world } = repository(granted);
    const outcome = await world.scan({}, { env: { CIRCLE_PULL_REQUEST: 'https://example.org/1' } });
    expect(new Set(codes(outcome))).toEqual(new Set(['SP2064']));
  });

  it.each<[string, Record<string, string>, string[] | undefined]>([
    ['nothing', {}, undefined],
    ['a push', { GITHUB_EVENT_NAME: 'push', GITHUB_BASE_REF: '' }, undefined],
    ['GitHub', GITHUB, ['refs/remotes/origin/main']],
    ['GitHub, target', { ...GITHUB, GITHUB_EVENT_NAME: 'pull_request_target' }, ['refs/remotes/origin/main']],
    [
      'GitLab',
      { CI_MERGE_REQUEST_IID: '4', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'dev' },
      ['refs/remotes/origin/dev'],
    ],
    [
      'Azure',
      { BUILD_REASON: 'PullRequest', SYSTEM_PULLREQUEST_TARGETBRANCH: 'refs/heads/main' },
      ['refs/remotes/origin/main'],
    ],
    ['Travis, a push', { TRAVIS_PULL_REQUEST: 'false' }, undefined],
    ['Jenkins', { CHANGE_ID: '1', CHANGE_TARGET: 'main' }, ['refs/remotes/origin/main']],
    [
      'Bitbucket',
      { BITBUCKET_PR_ID: '1', BITBUCKET_PR_DESTINATION_COMMIT: 'a'.repeat(40) },
      ['a'.repeat(40)],
    ],
  ])('is told by %s', (_, env, base) => {
    expect(pullRequestOf(env)?.base).toEqual(base);
  });
});

describe('grants', () => {
  const manifest = (over: object): Manifest =>
    ({ apiVersion: 'secplan/v1', metadata: { name: 'x' }, ...over }) as Manifest;

  it.each<[string, object]>([
    ['secrets', { secrets: { T: 'env:T' } }],
    ['tools with the network', { tools: { trivy: { network: { egress: ['a'] } } } }],
    ['tools with a secret', { tools: { trivy: { secrets: ['T'] } } }],
    ['HTTP targets', { targets: { http: [{ name: 'a', url: 'https://a' }] } }],
    ['clusters', { targets: { kubernetes: [{ name: 'a', context: 'c' }] } }],
    ['cloud accounts', { targets: { cloud: [{ name: 'a', provider: 'aws', account: '1' }] } }],
    ['a stack elsewhere', { stack: { reuse: 'https://a' } }],
    ['services with a secret', { stack: { services: { a: { image: 'i', env: { A: 'secret:T' } } } } }],
    ['signing', { evidence: { sign: { command: ['x'] } } }],
    ['deliveries', { delivery: { s3: [{ bucket: 'b' }] } }],
    ['notifications', { notify: [{ webhook: 'https://a' }] }],
    ['shared caches', { cache: { remote: { url: 's3://a' } } }],
    ['mirrors', { runtime: { registryMirror: 'a' } }],
    ['services that scan', { runtime: { managed: { url: 'https://a' } } }],
  ])('are %s', (_, over) => {
    expect(grantsOf(manifest(over))).toHaveLength(1);
    expect(grantsBeyond(manifest(over), manifest({}))).toHaveLength(1);
    expect(grantsBeyond(manifest(over), manifest(over))).toEqual([]);
  });

  it('do not depend on where in a list they stand', () => {
    const [a, b] = [{ webhook: 'https://a' }, { webhook: 'https://b' }];
    expect(grantsBeyond(manifest({ notify: [b, a] }), manifest({ notify: [a, b] }))).toEqual([]);
  });

  it('are all the trusted manifest’s once composed, but for targets and the stack', () => {
    const head = manifest({
      secrets: { T: 'env:T' },
      tools: {
        trivy: { network: { egress: ['a'] }, secrets: ['T'], args: ['x'] },
        custom: { m: { report: 'sarif' } },
      },
      delivery: { s3: [{ bucket: 'b' }] },
      notify: [{ webhook: 'https://a' }],
      evidence: { sign: { command: ['x'] } },
      cache: { dir: 'c' },
      runtime: { engine: 'e' },
    });
    const { manifest: composed, overruled } = composeManifest(head, manifest({}));
    expect(grantsOf(composed)).toEqual([]);
    expect(composed.tools).toEqual({ trivy: { args: ['x'] } });
    expect(composed.cache).toBeUndefined();
    expect([...overruled].sort()).toEqual([
      '/cache',
      '/delivery',
      '/evidence',
      '/notify',
      '/runtime',
      '/secrets',
      '/tools/custom/m',
      '/tools/trivy/network',
      '/tools/trivy/secrets',
    ]);
  });

  it('of a tool are its whole entry', () => {
    const base = manifest({ tools: { trivy: { network: { egress: ['a'] }, args: ['good'] } } });
    const head = manifest({ tools: { trivy: { network: { egress: ['a'] }, args: ['evil'] } } });
    expect(composeManifest(head, base).manifest.tools).toEqual(base.tools);
  });
});
