import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';

const root = new URL('../../', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

describe('the published package', () => {
  it('holds what it needs to run and nothing of development', () => {
    const [pack] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as [{ files: { path: string }[] }];
    const paths = pack.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/secplan.mjs',
        'dist/main.js',
        'dist/index.js',
        'schema/manifest.schema.json',
        'rules/secplan.yaml',
        'tools.lock.json',
        'LICENSE',
        'README.md',
      ]),
    );
    expect(
      paths.filter((path) => /^(tests|bench|packages|golden|manifests|rules\/examples)\//.test(path)),
    ).toEqual([]);
    // Of the sources, what scanners are given and nothing else.
    expect(
      paths.filter((path) => /^src\//.test(path) && !/^src\/stages\/[^/]+\/([^/]+\/)?assets\//.test(path)),
    ).toEqual([]);
    const named = [...catalogue.values()].flatMap(({ assets = {} }) => Object.values(assets));
    expect(named.length).toBeGreaterThan(20);
    expect(
      named.filter((asset) => !paths.some((path) => path === asset || path.startsWith(`${asset}/`))),
    ).toEqual([]);
  });

  it('never ships a Node', () => {
    const shipped = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    expect(shipped.filter((name) => /^node(-|$)|dev-node/.test(name))).toEqual([]);
    expect(shipped).toContain('@secplan/cue');
  });
});

describe('the library', () => {
  it('compiles a manifest to the bytes that the command line prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'secplan-library-'));
    try {
      writeFileSync(join(folder, 'secplan.json'), '{"apiVersion":"secplan/v1","metadata":{"name":"lib"}}');
      const compiled = await library.compileManifest({ cwd: folder, profile: 'smoke' });
      const printed = execFileSync(
        process.execPath,
        [join(root, 'src/cli/main.ts'), 'compile', '--profile', 'smoke'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(compiled.ok && library.serializePlan(compiled.value.plan)).toBe(printed);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
