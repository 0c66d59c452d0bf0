import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/cli.ts';
import { type IndexDouble, openIndexDouble } from '../support/index-double.ts';

// Real installers, started by the package as it ships in a tree full of settings that name another registry. Only the user's is asked.
// Each time the same program is started by hand in the tree, too: there the tree's settings count, so the test would notice.

let root = '';
let tree = '';
let users: IndexDouble;
let evil: IndexDouble;
let tools = '';

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-settings-')));
  tree = join(root, 'tree');
  tools = join(root, 'tools');
  [users, evil] = [await openIndexDouble(), await openIndexDouble()];
  const mirror = (url: string) =>
    `<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>${url}</url></mirror></mirrors></settings>`;
  const files: Readonly<Record<string, string>> = {
    'secplan.json': JSON.stringify({ apiVersion: 'secplan/v1', metadata: { name: 'settings' } }),
    'package.json': '{"private":true}',
    '.npmrc': `registry=${evil.url}\n`,
    '.yarnrc': `registry "${evil.url}"\n`,
    '.yarnrc.yml': `npmRegistryServer: "${evil.url}"\n`,
    'pip.conf': `[global]\nindex-url = ${evil.url}\n`,
    '.pip/pip.conf': `[global]\nindex-url = ${evil.url}\n`,
    'uv.toml': `[[index]]\nurl = "${evil.url}"\ndefault = true\n`,
    'pyproject.toml': `[project]\nname = "x"\nversion = "1"\n[[tool.uv.index]]\nurl = "${evil.url}"\ndefault = true\n`,
    'go.mod': 'module example.org/x\n\ngo 1.20\n\nrequire example.org/evil v1.0.0\n',
    'go.env': `GOPROXY=${evil.url}\nGOFLAGS=-insecure\n`,
    'settings.xml': mirror(evil.url),
    '.mvn/maven.config': '--settings\nsettings.xml\n',
    '.mvn/settings.xml': mirror(evil.url),
    'pom.xml':
      '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>',
    '../home/.m2/settings.xml': mirror(users.url),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), text);
  }
});
afterAll(async () => {
  await users.close();
  await evil.close();
  rmSync(root, { recursive: true, force: true });
});

const PATH = `/usr/local/go/bin:/usr/bin:/bin`;

async function secplan(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  for (const index of [users, evil]) index.requests.splice(0);
  const home = join(root, 'home');
  const base = { PATH, HOME: home, SECPLAN_TOOLS_DIR: tools, SECPLAN_CACHE_DIR: join(root, 'cache') };
  const { stdout, stderr } = await startCli(args, tree, { ...base, ...env }).ended;
  return {
    said: stdout + stderr,
    users: users.requests.map(({ path }) => path).join(' '),
    evil: evil.requests.map(({ path }) => path).join(' '),
  };
}

/** Starts a program in the tree by hand; what it asked the tree's registry for, or that it is missing. */
function byHand(program: string, args: readonly string[], path = PATH): Promise<string> {
  evil.requests.splice(0);
  return new Promise((resolve) => {
    const env = {
      PATH: path,
      HOME: join(root, 'nobody'),
      GOFLAGS: '-mod=mod',
      GOENV: join(tree, 'go.env'),
      GONOSUMDB: '*',
    };
    const child = spawn(program, args, { cwd: tree, env, stdio: 'ignore', timeout: 60_000 });
    child.once('error', () => resolve('missing'));
    child.once('close', () => resolve(evil.requests.map(({ path: asked }) => asked).join(' ')));
  });
}

/** The environment of who runs the tests: a real registry, where there is one. */
const REAL = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(UV|PIP|SSL|REQUESTS|CURL|HTTPS?_PROXY|NO_PROXY)/i.test(name) && value !== undefined
      ? [[name, value]]
      : [],
  ),
);

function uvIn(folder: string): string | undefined {
  try {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
      /\/bin\/uv$/.test(name),
    );
    return found === undefined ? undefined : join(folder, found);
  } catch {
    return undefined;
  }
}

describe('in a tree that names its own registries', { timeout: 180_000 }, () => {
  it('npm asks the user’s registry', async ({ skip }) => {
    const real = await byHand('npm', ['view', 'newman', '--fetch-retries', '0']);
    if (real === 'missing') skip('npm is not on PATH');
    expect(real).toContain('/newman');
    const seen = await secplan(['tools', 'lock', 'newman'], {
      npm_config_registry: users.url,
      npm_config_fetch_retries: '0',
    });
    expect([seen.evil, seen.users], seen.said).toEqual(['', expect.stringContaining('/newman')]);
  });

  it('pip asks the user’s index for uv', async () => {
    const empty = join(root, 'no-tools');
    const seen = await secplan(['tools', 'lock', 'bandit'], {
      PIP_INDEX_URL: users.url,
      SECPLAN_TOOLS_DIR: empty,
    });
    expect([seen.evil, seen.users], seen.said).toEqual(['', expect.stringContaining('/uv/')]);
  });

  it('uv asks the user’s index', async ({ skip }) => {
    // Any run that gets as far as uv leaves it in the store.
    await secplan(['tools', 'lock', 'ruff'], REAL);
    const uv = uvIn(tools);
    if (uv === undefined) return skip('no package index here: uv is NOT tried');
    writeFileSync(join(root, 'wanted.in'), 'bandit\n');
    expect(await byHand(uv, ['pip', 'compile', join(root, 'wanted.in')])).toContain('/bandit/');
    const seen = await secplan(['tools', 'lock', 'bandit'], { UV_INDEX_URL: users.url });
    expect([seen.evil, seen.users], seen.said).toEqual(['', expect.stringContaining('/bandit/')]);
  });

  it('go asks the user’s proxy, and none of the tree’s modules', async ({ skip }) => {
    const real = await byHand('go', ['mod', 'download']);
    if (real === 'missing') skip('go is not on PATH');
    expect(real).toContain('/example.org/evil/');
    const seen = await secplan(['tools', 'lock', 'gosec'], { GOPROXY: users.url, GONOSUMDB: '*' });
    expect([seen.evil, seen.users], seen.said).toEqual(['', expect.stringContaining('/gosec/')]);
    expect(seen.users).not.toContain('example.org');
  });

  it('maven asks the mirror of the user’s settings', async ({ skip }) => {
    const real = await byHand('mvn', ['--batch-mode', 'dependency:copy']);
    if (real === 'missing') skip('mvn is not on PATH');
    expect(real).toContain('maven-dependency-plugin');
    const seen = await secplan(['tools', 'install', 'dependency-check']);
    expect([seen.evil, seen.users], seen.said).toEqual([
      '',
      expect.stringContaining('maven-dependency-plugin'),
    ]);
  });
});
