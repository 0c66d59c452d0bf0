import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sealEntry, serializeLock } from '../../src/lock/lock.ts';
import { packagedLockPath, readLock } from '../../src/lock/read-lock.ts';
import { type CliResult, startCli } from '../support/cli.ts';
import { MINE, manifestOf, SCANNER } from '../support/custom-world.ts';
import { type IndexDouble, openIndexDouble } from '../support/index-double.ts';

// What a hostile tree says of what runs and whom to believe, against the package as it ships, in an empty folder. Each test tries
// its attack twice: as the tree brings it, and where the user granted it or without secplan. The second shows that the attack is real.

let root = '';
let index: IndexDouble;
beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-decides-')));
  index = await openIndexDouble();
});
afterAll(async () => {
  await index.close();
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => index.requests.splice(0));

let counter = 0;

interface Tree {
  /** The scanned tree; beside it lie home, cache and tools. */
  readonly dir: string;
  readonly beside: string;
  write(path: string, text: string, mode?: number): void;
  git(...args: string[]): string;
  secplan(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
}

function tree(manifest: object = manifestOf()): Tree {
  const beside = join(root, String(counter++));
  const dir = join(beside, 'tree');
  mkdirSync(join(beside, 'home'), { recursive: true });
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text, { mode });
    chmodSync(join(dir, path), mode);
  };
  write('secplan.json', JSON.stringify(manifest));
  write('scan.py', SCANNER, 0o755);
  write('a.txt', 'one\n');
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: join(beside, 'home'),
    SECPLAN_CACHE_DIR: join(beside, 'cache'),
    SECPLAN_TOOLS_DIR: join(beside, 'tools'),
  };
  return {
    ...{ dir, beside, write },
    git: (...args) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: dir,
        env: { PATH: env.PATH, HOME: env.HOME, GIT_CONFIG_NOSYSTEM: '1' },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    secplan: (args, more = {}) => startCli(args, dir, { ...env, ...more }).ended,
  };
}

function commit(at: Tree, message = 'all'): void {
  if (!existsSync(join(at.dir, '.git'))) at.git('init', '-q', '-b', 'main');
  at.git('add', '-f', '.');
  at.git('commit', '-qm', message);
}

const RUN = ['run', '--profile', 'own'];
const said = ({ stdout, stderr }: CliResult): string => `${stdout}\n${stderr}`;
const custom = (over: object) => ({ tools: { custom: { mine: { ...MINE, ...over } } } });
const SECRET = { ...custom({ secrets: ['TOKEN'] }), secrets: { TOKEN: 'env:TOKEN' } };
const TOKEN = { TOKEN: 'token-0815-of-the-user' };
const BANDIT = { profiles: { own: { tools: { enable: ['bandit'] } } } };

const shipped = (() => {
  const read = readLock(packagedLockPath());
  if (!read.ok || read.value === undefined) throw new Error('no lock ships');
  return read.value;
})();
const EVIL = sealEntry({
  ...{ kind: 'pypi', package: 'evil-package', version: '6.6.6' },
  packages: [{ name: 'evil-package', version: '6.6.6', hashes: [`sha256:${'e'.repeat(64)}`] }],
  platform: { python: '3.11' },
});

function lockNaming(at: Tree, over: object): void {
  at.write('tools.lock.json', serializeLock({ schema: shipped.schema, tools: {}, ...over }));
}

/** A uv outside of the tree. It answers an installation with what it was asked to install, and leaves a program that does nothing. */
function fakeUv(at: Tree, ends: 0 | 1): Record<string, string> {
  const bin = join(at.beside, 'bin');
  mkdirSync(bin, { recursive: true });
  const text = [
    '#!/bin/sh',
    'case "$1" in --version) echo "uv 9.9.9"; exit 0;; esac',
    'for last; do :; done',
    'if [ "$1" = venv ]; then mkdir -p "$last/bin" "$last/lib"; ln -sf /usr/bin/python3 "$last/bin/python"; exit 0; fi',
    'grep -oE "^(evil-package|bandit)==[0-9.]+" "$last" >&2',
    'dir=$(dirname "$last"); printf "#!/bin/sh\\nexit 0\\n" > "$dir/bin/bandit"; chmod +x "$dir/bin/bandit"',
    `exit ${ends}`,
  ];
  writeFileSync(join(bin, 'uv'), `${text.join('\n')}\n`, { mode: 0o755 });
  return { PATH: `${bin}:/usr/bin:/bin` };
}

describe('tools.lock.json of the tree', { timeout: 120_000 }, () => {
  it('does not choose the installer, on a machine without uv', async () => {
    const at = tree(manifestOf(BANDIT));
    lockNaming(at, { installers: { uv: EVIL } });
    const asked = async (...args: string[]) => {
      index.requests.splice(0);
      const result = await at.secplan([...RUN, ...args], {
        PIP_INDEX_URL: index.url,
        UV_INDEX_URL: index.url,
      });
      return { result, paths: index.requests.map(({ path }) => path).join(' ') };
    };
    const { result, paths } = await asked();
    expect(said(result)).toContain('SP2069');
    expect(paths).toContain('/uv/');
    expect(paths).not.toContain('evil');
    expect((await asked('--trust-workspace')).paths).toContain('/evil-package/');
  });

  it('does not choose the package of a scanner, and plan --against names package, provider and hash', async () => {
    const at = tree(manifestOf(BANDIT));
    commit(at);
    lockNaming(at, { tools: { bandit: { pypi: EVIL } } });
    const env = fakeUv(at, 1);
    const stranger = said(await at.secplan(RUN, env));
    expect(stranger).toContain('SP2069');
    expect(stranger).toContain('bandit==');
    expect(stranger).not.toContain('evil-package==');
    expect(said(await at.secplan([...RUN, '--trust-workspace'], env))).toContain('evil-package==6.6.6');
    const plan = await at.secplan([
      'plan',
      '--profile',
      'own',
      '--against',
      'HEAD',
      '--fail-on',
      'weakening',
    ]);
    expect([plan.code, plan.stdout]).toEqual([
      1,
      expect.stringMatching(/weak.*bandit \(pypi\).*evil-package 6\.6\.6 \(sha256:[0-9a-f]+\)/s),
    ]);
  });
});

describe('the configuration of git in the tree', { timeout: 60_000 }, () => {
  it.each(['', 'vendored/'])('runs nothing, in run and why: a filter in %s.git/config', async (nested) => {
    const at = tree();
    commit(at);
    const mark = join(at.beside, 'ran');
    if (nested !== '') {
      at.write(`${nested}b.txt`, 'two\n');
      at.git('-C', nested, 'init', '-q');
      at.git('-C', nested, 'add', '.');
    }
    at.write(`${nested}.gitattributes`, '* filter=a=b\n');
    const config = readFileSync(join(at.dir, nested, '.git/config'), 'utf8');
    at.write(
      `${nested}.git/config`,
      `${config}[filter "a=b"]\n\tclean = touch ${mark}; cat\n\trequired = true\n`,
    );
    at.write(`${nested}${nested === '' ? 'a' : 'b'}.txt`, 'changed\n');
    for (const args of [RUN, ['why', 'mine', '--profile', 'own']]) {
      const { code } = await at.secplan(args);
      expect([args[0], code, existsSync(mark)]).toEqual([args[0], 0, false]);
    }
    // The same question by git itself.
    at.git('-C', nested || '.', 'add', '.');
    expect(existsSync(mark)).toBe(true);
  });
});

describe('the manifest of a tree that nobody trusted', { timeout: 60_000 }, () => {
  it('may not take the sandbox away from its own command, with a secret and a host', async () => {
    const at = tree(
      manifestOf({
        ...custom({ secrets: ['TOKEN'], network: { egress: ['example.org'] } }),
        secrets: { TOKEN: 'env:TOKEN' },
        runtime: { local: { sandbox: false } },
      }),
    );
    const jobs = [
      {},
      { CI: 'true' },
      { GITHUB_EVENT_NAME: 'schedule' },
      { GITHUB_EVENT_NAME: 'workflow_run' },
    ];
    for (const job of jobs) {
      const refused = await at.secplan(RUN, { ...TOKEN, ...job });
      expect([job, refused.code]).toEqual([job, 2]);
      expect(refused.stderr).toMatch(/SP206[47]/);
      expect(existsSync(join(at.dir, 'build'))).toBe(false);
    }
    const trusted = await at.secplan([...RUN, '--trust-workspace'], TOKEN);
    expect(trusted.code, said(trusted)).toBe(0);
    expect(said(trusted)).toMatch(/sandbox.*off|no sandbox/i);
  });

  it.each<[string, string, (at: Tree) => void]>([
    ['a path upwards', 'file:../x', () => undefined],
    ['a link out of the tree', 'file:x', (at) => symlinkSync('../x', join(at.dir, 'x'))],
    ['a folder that is a link', 'file:up/x', (at) => symlinkSync('..', join(at.dir, 'up'))],
  ])('may not read a file outside as a secret, by %s, trusted or not', async (_, source, prepare) => {
    const at = tree(manifestOf({ ...custom({ secrets: ['TOKEN'] }), secrets: { TOKEN: source } }));
    writeFileSync(join(at.beside, 'x'), TOKEN.TOKEN);
    prepare(at);
    expect((await at.secplan(RUN)).code).toBe(2);
    const { code, stderr } = await at.secplan([...RUN, '--trust-workspace']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('SP2011')]);
    at.write('inside', TOKEN.TOKEN);
    at.write('secplan.json', JSON.stringify(manifestOf({ ...SECRET, secrets: { TOKEN: 'file:inside' } })));
    expect((await at.secplan([...RUN, '--trust-workspace'])).code).toBe(0);
  });

  it('may not bring its own cache along', async () => {
    const at = tree(manifestOf({ cache: { dir: '.pc' } }));
    const own = { SECPLAN_CACHE_DIR: '' };
    const refused = await at.secplan(RUN, own);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('SP2067')]);
    expect(existsSync(join(at.dir, '.pc'))).toBe(false);
    expect((await at.secplan([...RUN, '--trust-workspace'], own)).code).toBe(0);
    expect((await at.secplan([...RUN, '--trust-workspace'], own)).stdout).toContain('cached');
    // For another user the same entries are what an archive brings: whole, and sealed with somebody else's key.
    const planted = await at.secplan([...RUN, '--trust-workspace'], {
      ...own,
      HOME: join(at.beside, 'else'),
    });

    expect([planted.code, planted.stdout]).toEqual([0, expect.not.stringContaining('cached')]);
  });
});

describe('a change to what a granted script sources', { timeout: 60_000 }, () => {
  const scripted = manifestOf({
    ...custom({ command: ['sh', 'ci/scan.sh'], secrets: ['TOKEN'], report: 'sarif' }),
    secrets: { TOKEN: 'env:TOKEN' },
  });
  const sarif = (rule: string): string =>
    JSON.stringify({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'mine' } },
          artifacts: [{ location: { uri: 'a.txt' } }],
          results: [
            {
              ...{ ruleId: rule, level: 'note', message: { text: rule } },
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'a.txt' }, region: { startLine: 1 } } },
              ],
            },
          ],
        },
      ],
    });

  it('gets no secret: neither with --trusted nor after `secplan trust`', async () => {
    const at = tree(scripted);
    at.write('ci/scan.sh', '. ci/lib.sh\n');
    at.write('ci/lib.sh', `echo '${sarif('honest')}'; exit 1\n`);
    commit(at);
    expect((await at.secplan(['trust'])).code).toBe(0);
    expect((await at.secplan(RUN, TOKEN)).code).toBe(0);
    at.write('ci/lib.sh', `[ -n "$TOKEN" ] && echo '${sarif('took-the-secret')}'; exit 1\n`);
    const findings = async () => (await at.secplan(['findings', '--json'])).stdout;
    for (const more of [[], ['--trusted', 'main']]) {
      const { code, stderr } = await at.secplan([...RUN, ...more], TOKEN);
      expect([more, code]).toEqual([more, more.length === 0 ? 2 : expect.any(Number)]);
      expect(stderr).toContain('ci/lib.sh');
      expect(await findings()).not.toContain('took-the-secret');
    }
    const plan = await at.secplan([
      'plan',
      '--profile',
      'own',
      '--against',
      'HEAD',
      '--fail-on',
      'weakening',
    ]);
    expect([plan.code, plan.stdout]).toEqual([1, expect.stringContaining('ci/lib.sh')]);
    await at.secplan([...RUN, '--trust-workspace'], TOKEN);
    expect(await findings()).toContain('took-the-secret');
  });
});

describe('a cache folder', { timeout: 60_000 }, () => {
  it('that every user may write to is refused, and one that is the user’s is not', async () => {
    const at = tree();
    expect((await at.secplan(RUN)).code).toBe(0);
    chmodSync(join(at.beside, 'cache'), 0o777);
    const open = await at.secplan(RUN);
    expect([open.code, open.stderr]).toEqual([3, expect.stringContaining('SP5086')]);
  });
});

/** Every command that reads a bundle, with what it needs else. */
const READERS: readonly (readonly string[])[] = [
  ['verify'],
  ['check'],
  ['findings'],
  ['baseline', 'create'],
  ['baseline', 'prune'],
  ['golden', 'check'],
  ['golden', 'update'],
  ['deliver'],
  ['explain', 'abcdef0123'],
  ['explain', 'some-rule'],
];

describe('the export folder of the tree', { timeout: 120_000 }, () => {
  it('with a bundle that the tree brings is neither written to nor read, by any command', async () => {
    const at = tree();
    expect((await at.secplan(RUN)).code).toBe(0);
    // Nobody signed it: it is not called verified.
    const own = await at.secplan(['verify']);
    expect([own.code, own.stdout]).toEqual([0, expect.stringContaining('intact, unsigned')]);
    expect(own.stdout).not.toMatch(/\bVERIFIED\b/);
    const whole = ['verify', 'check', 'findings'];
    for (const name of whole) expect([name, (await at.secplan([name])).code]).toEqual([name, 0]);
    commit(at);
    for (const args of [RUN, ...READERS]) {
      const { code, stderr } = await at.secplan(args);
      expect([args, code, stderr]).toEqual([args, 3, expect.stringContaining('SP5088')]);
    }
    const named = await at.secplan(['verify', 'build/security-results/latest']);
    expect([named.code, named.stderr]).toEqual([3, expect.stringContaining('SP5088')]);
    expect(said(await at.secplan(['why', 'mine', '--profile', 'own']))).toContain('SP5088');
    // A bundle by its path is the user's own choice.
    const [id = ''] = readdirSync(join(at.dir, 'build/security-results')).filter((name) => /^\d/.test(name));
    expect((await at.secplan(['verify', `build/security-results/${id}`])).code).toBe(0);
    expect(readdirSync(at.dir)).not.toContain('golden');
  });

  it('that is a link out of the tree is neither written to nor read', async () => {
    const [at, other] = [tree(), tree()];
    expect((await other.secplan(RUN)).code).toBe(0);
    symlinkSync(join(other.dir, 'build'), join(at.dir, 'build'));
    const before = readdirSync(join(other.dir, 'build/security-results'));
    for (const args of [RUN, ...READERS]) {
      const { code, stderr } = await at.secplan(args);
      expect([args, code, stderr]).toEqual([args, 3, expect.stringContaining('build is a symbolic link')]);
    }
    expect(readdirSync(join(other.dir, 'build/security-results'))).toEqual(before);
    const elsewhere = await at.secplan([
      'findings',
      '--export-dir',
      join(other.dir, 'build/security-results'),
    ]);
    expect(elsewhere.code, said(elsewhere)).toBe(0);
  });

  it('whose latest is a folder is neither written to nor read', async () => {
    const at = tree();
    expect((await at.secplan(RUN)).code).toBe(0);
    const folder = join(at.dir, 'build/security-results');
    const [id = ''] = readdirSync(folder).filter((name) => /^\d/.test(name));
    rmSync(join(folder, 'latest'));
    execFileSync('cp', ['-r', join(folder, id), join(folder, 'latest')]);
    for (const args of [RUN, ['verify'], ['check']]) {
      const { code, stderr } = await at.secplan(args);
      expect([args, code, stderr]).toEqual([args, 3, expect.stringContaining('SP5088')]);
    }
  });
});

describe('an installed tool', { timeout: 120_000 }, () => {
  it('of which a file was edited in the store gives no result, until it is installed anew', async () => {
    const at = tree(manifestOf(BANDIT));
    at.write('a.py', 'x = 1\n');
    const env = fakeUv(at, 0);
    const first = await at.secplan([...RUN, '--locked'], env);
    expect(said(first)).not.toContain('changed');
    const [program = ''] = readdirSync(join(at.beside, 'tools'), {
      recursive: true,
      encoding: 'utf8',
    }).filter((path) => path.endsWith('/bin/bandit'));
    expect(program).not.toBe('');
    const path = join(at.beside, 'tools', program);
    chmodSync(path, 0o755);
    writeFileSync(path, '#!/bin/sh\nexit 1\n');
    const { code, stderr, stdout } = await at.secplan([...RUN, '--locked', '--verbose'], env);
    expect([code, stdout]).toEqual([expect.any(Number), expect.stringMatching(/changed/)]);
    expect(`${stdout}${stderr}`).toContain('--reinstall');
    expect(code).not.toBe(0);
  });
});
