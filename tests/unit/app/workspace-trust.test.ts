import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import type { ScanOutcome } from '../../../src/app/contract/scan-types.ts';
import { programFiles } from '../../../src/app/trust/program-files.ts';
import { listTrusted, revokeTrusted, trustFolder } from '../../../src/app/trust/trust-store.ts';
import { trustWorkspace } from '../../../src/app/trust/trust-workspace.ts';
import { sealEntry, serializeLock } from '../../../src/lock/lock.ts';
import { packagedLockPath, readLock } from '../../../src/lock/read-lock.ts';
import { diffPlans } from '../../../src/planner/diff/diff.ts';
import { type CustomWorld, customWorld, MINE, manifestOf } from '../../support/custom-world.ts';

// The scanned tree is data: what it says of what runs and whom to believe counts once the user has said so.

const open: CustomWorld[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.dispose();
});

function worldOf(manifest: object = manifestOf()): CustomWorld {
  const world = customWorld(manifest);
  open.push(world);
  return world;
}

const stranger = (world: CustomWorld, over: object = {}): Promise<ScanOutcome> =>
  world.scan({ trustWorkspace: false, ...over });
const envOf = (world: CustomWorld) => ({ HOME: world.root });
const trust = (world: CustomWorld) => trustWorkspace({ cwd: world.workspace, env: envOf(world) });
const codes = (outcome: ScanOutcome): string[] => outcome.diagnostics.map(({ code }) => code);
const said = (outcome: ScanOutcome): string =>
  outcome.diagnostics.map(({ code, pointer, summary }) => `${code} ${pointer ?? ''} ${summary}`).join('\n');

const tool = (over: object) => ({ tools: { custom: { mine: { ...MINE, ...over } } } });
const SECRET = { ...tool({ secrets: ['TOKEN'] }), secrets: { TOKEN: 'env:HOME' } };
const SCRIPTED = {
  ...tool({ command: ['sh', 'ci/scan.sh'], secrets: ['TOKEN'] }),
  secrets: { TOKEN: 'env:HOME' },
};

describe('a workspace that nobody trusted', () => {
  it('needs no trust where it grants nothing', async () => {
    const outcome = await stranger(worldOf());
    expect(outcome.scan, said(outcome)).toBeDefined();
    expect(codes(outcome)).not.toContain('SP2067');
  });

  it.each<[string, object]>([
    ['a secret of the environment', SECRET],
    ['a secret in a file', { ...SECRET, secrets: { TOKEN: 'file:token' } }],
    ['network access', tool({ network: { egress: ['example.org'] } })],
    ['no sandbox', { runtime: { local: { sandbox: false } } }],
    ['a cache folder', { cache: { dir: '.pc' } }],
    ['a shared cache', { cache: { remote: { url: 'https://example.org/' } } }],
    ['a notification', { notify: [{ webhook: 'https://example.org/' }] }],
    ['a signing command', { evidence: { sign: { command: ['sign'] } } }],
    ['a cloud account', { targets: { cloud: [{ name: 'a', provider: 'aws', account: '123456789012' }] } }],
  ])('may not give itself %s', async (_, over) => {
    const world = worldOf(manifestOf({ ...over }));
    world.write('token', 'a token of some length\n');
    const outcome = await stranger(world);
    expect(outcome.exitCode, said(outcome)).toBe(2);
    expect(outcome.scan).toBeUndefined();
    expect(said(outcome)).toMatch(/SP2067 \/\S+ .*secplan trust/);
  });

  it('is told of nothing but the trust that it needs, with the place of each setting', async () => {
    const outcome = await stranger(worldOf(manifestOf(SECRET)));
    expect(new Set(codes(outcome))).toEqual(new Set(['SP2067']));
    expect(outcome.diagnostics.every(({ place, help }) => place !== undefined && help !== undefined)).toBe(
      true,
    );
  });

  it('may not run its own commands without a sandbox, even where these use nothing', async () => {
    const outcome = await stranger(worldOf(), { unsandboxed: true });
    expect([outcome.exitCode, said(outcome)]).toEqual([2, expect.stringContaining('the command of mine')]);
  });

  it('counts in a job that vouches for it by a flag', async () => {
    const outcome = await stranger(worldOf(manifestOf(SECRET)), { trustWorkspace: true });
    expect(outcome.scan, said(outcome)).toBeDefined();
  });

  it.each([
    [
      'a merge queue',
      { GITHUB_EVENT_NAME: 'merge_group', GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-1-abc' },
    ],
    ['a run after another workflow', { GITHUB_EVENT_NAME: 'workflow_run', GITHUB_REF_NAME: 'main' }],
    ['a pull request', { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main' }],
  ])('does not count by the flag in %s', async (_, env) => {
    const outcome = await worldOf(manifestOf(SECRET)).scan({ trustWorkspace: true }, { env });
    expect([outcome.exitCode, new Set(codes(outcome))]).toEqual([2, new Set(['SP2064'])]);
  });
});

describe('a workspace that the user trusted', () => {
  it('counts, until what decides changes, and not after it is revoked', async () => {
    const world = worldOf(manifestOf(SECRET));
    expect((await trust(world)).ok).toBe(true);
    expect((await stranger(world)).scan).toBeDefined();
    // What says only how to scan asks nobody.
    world.write('secplan.json', JSON.stringify(manifestOf({ ...SECRET, policy: { onIncomplete: 'warn' } })));
    expect((await stranger(world)).scan).toBeDefined();
    world.write('secplan.json', JSON.stringify(manifestOf({ ...SECRET, secrets: { TOKEN: 'env:PATH' } })));
    expect(said(await stranger(world))).toContain('SP2067 /secrets/TOKEN the secret TOKEN: changed since');
    expect((await trust(world)).ok).toBe(true);
    expect((await stranger(world)).scan).toBeDefined();
    expect(revokeTrusted(envOf(world), world.workspace)).toBe(1);
    expect(codes(await stranger(world))).toContain('SP2067');
  });

  it('loses it when a grant is dropped, too', async () => {
    const world = worldOf(manifestOf({ ...SECRET, notify: [{ webhook: 'https://example.org/' }] }));
    await trust(world);
    world.write('secplan.json', JSON.stringify(manifestOf(SECRET)));
    expect(codes(await stranger(world))).toContain('SP2067');
  });

  it.each<[string, string, string]>([
    ['a file beside the script', 'ci/lib.sh', '. ci/lib.sh'],
    ['a file elsewhere that it sources', 'shared/lib.sh', '. ../shared/lib.sh'],
    ['a file that a sourced file sources', 'other/deep.sh', '. shared/next.sh'],
    ['a module that it imports', 'tools/helper.py', 'python3 -c "import tools.helper"'],
  ])('loses it with a change of %s', async (_, path, line) => {
    const world = worldOf(manifestOf(SCRIPTED));
    world.write('ci/scan.sh', `${line}\n`);
    world.write('shared/next.sh', '. other/deep.sh\n');
    world.write(path, 'true\n');
    await trust(world);
    expect(codes(await stranger(world))).not.toContain('SP2067');
    world.write(path, 'echo "$TOKEN"\n');
    expect(said(await stranger(world))).toContain(`${path}, which mine may run: changed since`);
  });

  it('loses it with a new file that the interpreter would find first', async () => {
    const world = worldOf(manifestOf(SECRET));
    await trust(world);
    world.write('notes.md', 'no program\n');
    expect(codes(await stranger(world))).not.toContain('SP2067');
    world.write('json.py', 'import os\n');
    expect(said(await stranger(world))).toContain('json.py, which mine may run');
  });

  it('does not count by a decision that lies in the tree or that others may write', async () => {
    const world = worldOf(manifestOf(SECRET));
    await trust(world);
    const inside = { HOME: world.workspace };
    mkdirSync(trustFolder(inside), { recursive: true });
    const [entry] = listTrusted(envOf(world));
    writeFileSync(join(trustFolder(inside), 'x.json'), JSON.stringify(entry));
    const planted = await world.scan({ trustWorkspace: false }, { env: inside });
    expect(codes(planted)).toContain('SP2067');
    expect(await trustWorkspace({ cwd: world.workspace, env: inside })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'SP2070' }],
    });
    chmodSync(trustFolder(envOf(world)), 0o777);
    expect(codes(await stranger(world))).toContain('SP2067');
  });

  it('is asked nothing by what only shows, which says what a run would need', async () => {
    const world = worldOf(manifestOf(SECRET));
    const trust = { mode: 'tell', env: envOf(world), trustWorkspace: false, unsandboxed: false } as const;
    const compiled = await compileManifest({ cwd: world.workspace, profile: 'own', trust });
    expect(compiled).toMatchObject({ ok: true, diagnostics: [{ code: 'SP2068', level: 'warning' }] });
  });
});

describe('tools.lock.json of the tree', () => {
  const packaged = readLock(packagedLockPath());
  const shipped = packaged.ok ? packaged.value : undefined;
  if (shipped === undefined) throw new Error('no lock ships');
  const evil = sealEntry({
    kind: 'pypi',
    package: 'evil-bandit',
    version: '1.9.9',
    packages: [{ name: 'evil-bandit', version: '1.9.9', hashes: [`sha256:${'e'.repeat(64)}`] }],
  });
  const write = (world: CustomWorld, over: object): void =>
    world.write('tools.lock.json', serializeLock({ schema: shipped.schema, tools: {}, ...over }));
  const planOf = async (world: CustomWorld) => {
    const outcome = await compileManifest({ cwd: world.workspace, profile: 'smoke' });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    return outcome.value.plan;
  };
  const compiled = async (world: CustomWorld, env: object = envOf(world), over: object = {}) => {
    const trust = {
      mode: 'require',
      env: env as Record<string, string>,
      trustWorkspace: false,
      unsandboxed: false,
    } as const;
    const outcome = await compileManifest({ cwd: world.workspace, profile: 'smoke', trust, ...over });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    return outcome;
  };

  it('is not used where it names another package, which is named with its hash', async () => {
    const world = worldOf();
    write(world, { tools: { bandit: { pypi: evil } } });
    const { value, diagnostics } = await compiled(world);
    expect(value.lock.tools.bandit).toEqual(shipped.tools.bandit);
    expect(diagnostics.map(({ code, summary }) => `${code} ${summary}`).join()).toMatch(
      /SP2069 .*bandit \(pypi\) is evil-bandit 1\.9\.9 \(sha256:[0-9a-f]{64}\)/,
    );
  });

  it('is not used for installers and images either', async () => {
    const world = worldOf();
    write(world, { installers: { uv: { ...evil } }, images: { 'base-image': imageOf() } });
    const { value, diagnostics } = await compiled(world);
    expect([value.lock.installers, value.lock.images]).toEqual([shipped.installers, shipped.images]);
    expect(JSON.stringify(diagnostics)).toContain('installer uv is evil-bandit 1.9.9');
  });

  it('is no question where it says what ships', async () => {
    const world = worldOf();
    write(world, { tools: { bandit: shipped.tools.bandit } });
    expect((await compiled(world)).diagnostics.map(({ code }) => code)).not.toContain('SP2069');
  });

  it('is used once it is trusted, and not after it changes', async () => {
    const world = worldOf();
    write(world, { tools: { bandit: { pypi: evil } } });
    await trust(world);
    expect((await compiled(world)).value.lock.tools.bandit?.pypi).toEqual(evil);
    write(world, { tools: { bandit: { pypi: evil }, ruff: { pypi: { ...evil } } } });
    expect((await compiled(world)).value.lock.tools.bandit).toEqual(shipped.tools.bandit);
  });

  it('does not count in a pull request, whatever the base can show', async () => {
    const world = worldOf();
    write(world, { tools: { bandit: { pypi: evil } } });
    const pullRequest = { system: 'GitHub', base: [] };
    const { value, diagnostics } = await compiled(world, {}, { pullRequest });
    expect(value.lock.tools.bandit).toEqual(shipped.tools.bandit);
    expect(diagnostics.map(({ code }) => code)).toContain('SP2069');
  });

  it('is a weakening in the plan, with package, provider and hash', async () => {
    const world = worldOf();
    const before = await planOf(world);
    write(world, { tools: { bandit: { pypi: evil } }, installers: { uv: evil } });
    const after = await planOf(world);
    const changes = diffPlans(before, after).filter(({ kind }) => kind === 'pin');
    expect(changes.map(({ class: weight }) => weight)).toEqual(changes.map(() => 'weakening'));
    const texts = changes.map(({ text }) => text).join('\n');
    expect(texts).toMatch(/pins bandit \(pypi\) to evil-bandit 1\.9\.9 \(sha256:e?[0-9a-f]+\)/);
    expect(texts).toMatch(/pins installer uv to evil-bandit 1\.9\.9/);
  });

  function imageOf() {
    return sealEntry({
      kind: 'image',
      package: 'evil.example/base',
      version: '1',
      packages: [{ name: 'evil.example/base', version: '1', hashes: [`sha256:${'e'.repeat(64)}`] }],
    });
  }
});

describe('the program of a command', () => {
  it('has the folder of code for its own, and not the folder of what it only reads', () => {
    const world = worldOf();
    world.write('ci/scan.sh', '. ./lib.sh\n');
    world.write('ci/lib.sh', 'true\n');
    world.write('data/report.json', '{"see": "data/other.py"}');
    world.write('data/other.py', 'pass\n');
    const files = (...words: string[]) =>
      [...(programFiles(world.workspace, { words, granted: true }) ?? [])].map(([path]) => path);
    expect(files('sh', 'ci/scan.sh')).toEqual(['ci/lib.sh', 'ci/scan.sh']);
    expect(files('cat', 'data/report.json')).toEqual(['data/report.json']);
    // Two dots at the start of a name lead nowhere.
    world.write('bin/scan.sh', '. ./..lib.sh\n');
    world.write('..lib.sh', 'true\n');
    world.write('..tools/a.py', 'pass\n');
    expect(files('sh', 'bin/scan.sh')).toEqual(['..lib.sh', 'bin/scan.sh']);
    expect(files('make', '-C', '..tools')).toContain('..tools/a.py');
    // A file without an ending hides no module of that name.
    world.write('mod/run.py', 'import lib\n');
    world.write('mod/lib', 'text\n');
    world.write('lib', 'text\n');
    world.write('lib.py', 'pass\n');
    expect(files('python3', 'mod/run.py')).toContain('lib.py');
    // A folder is not entered through a link, and a name that no file can have is no file.
    symlinkSync('ci', join(world.workspace, 'linked'));
    expect(files('sh', 'linked/scan.sh')).toEqual([]);
    expect(files('sh', `${'x'.repeat(5000)}.sh`)).toEqual([]);
    // A launcher reads from its file what to run.
    expect(files('make', '-f', 'data/report.json')).toContain('data/other.py');
  });
});

describe('the plan', () => {
  it('names a helper script that changed as a weakening', async () => {
    const world = worldOf(manifestOf(SCRIPTED));
    world.write('ci/scan.sh', '. ci/lib.sh\n');
    world.write('ci/lib.sh', 'true\n');
    const plan = async () => {
      const outcome = await compileManifest({ cwd: world.workspace, profile: 'own' });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
      return outcome.value.plan;
    };
    const before = await plan();
    world.write('ci/lib.sh', 'echo "$TOKEN"\n');
    expect(diffPlans(before, await plan())).toMatchObject([
      { kind: 'script', class: 'weakening', text: 'ci/lib.sh, which mine may source or import, changed' },
    ]);
  });

  it('is trusted as a file, and only as it was', async () => {
    const world = worldOf(manifestOf(SECRET));
    const compiled = await compileManifest({ cwd: world.workspace, profile: 'own' });
    if (!compiled.ok) throw new Error('compiles');
    world.write('plan.json', JSON.stringify(compiled.value.plan));
    const run = (over: object = {}) =>
      world.scan(
        { plan: 'plan.json', trustWorkspace: false, ...over },
        { env: { TOKEN: 'a token of some length' } },
      );
    expect(said(await run())).toContain('SP2067  mine gets the secret TOKEN');
    await trustWorkspace({ cwd: world.workspace, env: envOf(world), plan: 'plan.json' });
    const outcome = await run();
    expect(outcome.scan, said(outcome)).toBeDefined();
    expect(readFileSync(join(world.workspace, 'plan.json'), 'utf8')).toContain('TOKEN');
    world.write('scan.py', '#!/bin/sh\necho "$TOKEN"\n');
    expect(said(await run())).toContain('scan.py');
    expect((await run()).scan).toBeUndefined();
  });
});
