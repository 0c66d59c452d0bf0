import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { planSource, scanSource } from '../../dagger/src/scan-source.ts';
import { BASE, daggerServer, hasDaggerSchema } from '../support/dagger-server.ts';

const MODULE = new URL('../../dagger/', import.meta.url).pathname;

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

const SARIF = JSON.stringify({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'own' } },
      artifacts: [{ location: { uri: 'a.txt' } }],
      results: [
        {
          ruleId: 'r1',
          level: 'note',
          message: { text: 'here' },
          locations: [{ physicalLocation: { artifactLocation: { uri: 'a.txt' }, region: { startLine: 1 } } }],
        },
      ],
    },
  ],
});

function source(): { root: string; workspace: string } {
  const root = mkdtempSync(join(tmpdir(), 'secplan-test-'));
  roots.push(root);
  const workspace = join(root, 'source');
  mkdirSync(workspace);
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'module' },
    tools: { custom: { own: { command: ['./own.sh'], report: 'sarif', exits: { '0': 'ok' } } } },
    profiles: { own: { tools: { enable: ['own'] } } },
  };
  writeFileSync(join(workspace, 'scan.json'), JSON.stringify(manifest));
  writeFileSync(join(workspace, 'a.txt'), 'x\n');
  writeFileSync(join(workspace, 'own.sh'), `#!/bin/sh\nprintf %s '${SARIF}'\n`, { mode: 0o755 });
  return { root, workspace };
}

describe('the Dagger module', () => {
  it('asks for an engine of the SDK’s version, and holds all that the library reads', () => {
    const module = JSON.parse(readFileSync(join(MODULE, 'dagger.json'), 'utf8'));
    const sdk = createRequire(import.meta.url).resolve('@dagger.io/dagger');
    const { version } = JSON.parse(readFileSync(join(dirname(sdk), '../../package.json'), 'utf8'));
    expect(module.engineVersion.split('.').slice(0, 2).join('.')).toBe(
      `v${version.split('.').slice(0, 2).join('.')}`,
    );
    const { files } = JSON.parse(readFileSync(join(MODULE, '../package.json'), 'utf8')) as {
      files: string[];
    };
    const included = (module.include as string[]).map((glob) => glob.replace('../', '').split('/')[0]);
    const wanted = files
      .map((name) => name.split('/')[0]?.replace(/^rules$/, 'rules'))
      .filter((name) => !/^(bin|CHANGELOG|NOTICE)|secplan\.yaml/.test(name ?? ''));
    expect(wanted.filter((name) => !included.includes(name ?? ''))).toEqual([]);
  });

  it('gives each function its source and manifest', () => {
    const text = readFileSync(join(MODULE, 'src/index.ts'), 'utf8');
    for (const name of ['light', 'heavy', 'run', 'plan']) {
      expect(text).toMatch(
        new RegExp(
          `@func\\(\\)\\s+async ${name}\\(\\s*source: Directory,[^)]*manifest\\?: string,?[^)]*\\): Promise<Directory>`,
        ),
      );
    }
  });

  it('compiles the plan of a source', async () => {
    const { workspace } = source();
    const plan = JSON.parse(await planSource({ workspace, manifest: 'scan.json', profile: 'own' }));
    expect(plan).toMatchObject({ schema: 'https://secplan.dev/schema/plan/v1', profile: 'own' });
    const missing = planSource({ workspace, manifest: 'scan.json', profile: 'nope' });
    await expect(missing).rejects.toThrow(/SP\d{4}: .*nope/);
  });

  it.skipIf(!hasDaggerSchema())('scans a source on the engine of its session', async () => {
    const server = await daggerServer();
    const { root, workspace } = source();
    const said: string[] = [];
    const bundle = await scanSource({
      workspace,
      manifest: 'scan.json',
      profile: 'own',
      trustWorkspace: false,
      exportDir: join(root, 'bundles'),
      env: {
        ...server.env,
        PATH: '/usr/bin:/bin',
        HOME: root,
        SECPLAN_CACHE_DIR: join(root, 'cache'),
        SECPLAN_DAGGER_BASE_IMAGE: BASE,
      },
      say: (line) => said.push(line),
    });
    const read = (name: string) => JSON.parse(readFileSync(join(bundle, name), 'utf8'));
    expect(read('summary.json').runtime).toBe('dagger');
    expect(read('findings.sarif').runs[0].results).toHaveLength(1);
    expect(said.at(-1)).toBe('verdict: pass (exit code 0)');
    expect(server.violations).toEqual([]);
    await server.close();
  });
});
