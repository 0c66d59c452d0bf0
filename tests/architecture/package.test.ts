import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleAll, bundleCommand, WHOLE_COMMANDS } from '../../scripts/bundle.ts';
import { SDK_VERSION } from '../../src/executor/runtimes/dagger/load-sdk.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import { INSTALLED, installedLibrary } from '../support/installed.ts';

const root = new URL('../../', import.meta.url).pathname;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'secplan-package-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Every file that was installed, relative to the package. */
const installed = readdirSync(INSTALLED.folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(INSTALLED.folder.length + 1));

describe('the published package', () => {
  it('holds what it needs to run and nothing of development', () => {
    expect(installed).toEqual(
      expect.arrayContaining([
        'bin/secplan.mjs',
        'dist/main.js',
        'dist/index.js',
        'dist/read-large-report.js',
        'dist/types/index.d.ts',
        'dist/cue/cue.wasm.zst',
        'schema/manifest.schema.json',
        'rules/secplan.yaml',
        'tools.lock.json',
        'LICENSE',
        'README.md',
      ]),
    );
    expect(
      installed.filter((path) => /^(tests|bench|packages|golden|manifests|rules\/examples)\//.test(path)),
    ).toEqual([]);
    // Of the sources, what scanners are given and nothing else.
    expect(
      installed.filter(
        (path) => /^src\//.test(path) && !/^src\/stages\/[^/]+\/([^/]+\/)?assets\//.test(path),
      ),
    ).toEqual([]);
    const named = [...catalogue.values()].flatMap(({ assets = {} }) => Object.values(assets));
    expect(named.length).toBeGreaterThan(20);
    expect(
      named.filter((asset) => !installed.some((path) => path === asset || path.startsWith(`${asset}/`))),
    ).toEqual([]);
  });

  it('is one package of less than 20 MB, and asks for no other', () => {
    expect(readdirSync(INSTALLED.modules).filter((name) => !name.startsWith('.'))).toEqual(['secplan']);
    const bytes = installed.reduce((sum, path) => sum + lstatSync(join(INSTALLED.folder, path)).size, 0);
    expect(bytes).toBeLessThan(20 * 2 ** 20);
    const manifest = JSON.parse(readFileSync(join(INSTALLED.folder, 'package.json'), 'utf8')) as {
      dependencies?: unknown;
      optionalDependencies?: unknown;
      devDependencies: Record<string, string>;
      peerDependencies: Record<string, string>;
      peerDependenciesMeta: Record<string, unknown>;
    };
    expect([manifest.dependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
    expect(manifest.peerDependencies).toEqual({ '@dagger.io/dagger': `^${SDK_VERSION}` });
    expect(manifest.peerDependenciesMeta).toEqual({ '@dagger.io/dagger': { optional: true } });
    expect(manifest.devDependencies['@dagger.io/dagger']).toBe(SDK_VERSION);
  });

  it('holds the license text of every package that something of is bundled', async () => {
    const bundles = [await bundleAll(join(dir, 'dist'))];
    for (const command of WHOLE_COMMANDS)
      bundles.push(await bundleCommand(command, { outdir: join(dir, 'dist') }));
    const inputs = bundles.flatMap(({ metafile }) =>
      Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs)),
    );
    const bundled = new Set(
      inputs
        .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('node_modules/'))
        .map(([path]) => nameAndVersion(join(root, path))),
    );
    expect(bundled.size).toBeGreaterThan(50);
    expect(bundled).toContain(nameAndVersion(join(root, 'node_modules/zod/index.js')));
    const text = readFileSync(join(INSTALLED.folder, 'dist/THIRD-PARTY-LICENSES'), 'utf8');
    const unnamed = (document: string) => [...bundled].filter((each) => !document.includes(`\n${each} (`));
    expect(unnamed(text)).toEqual([]);
    for (const name of ['@cyclonedx/cyclonedx-library', '@microsoft/jest-sarif']) {
      expect(text).toContain(`\n${name} `);
    }
    // It would be noticed that one is missing.
    expect(unnamed(text.replace('\nzod ', '\n'))).toEqual([expect.stringMatching(/^zod /)]);
    const modules = readFileSync(join(root, 'packages/cue/go/go.mod'), 'utf8').matchAll(
      /^(?:require)?\s*(\S+\.\S+\/\S+ v\S+)/gm,
    );
    const cue = readFileSync(join(INSTALLED.folder, 'dist/cue/THIRD-PARTY-LICENSES'), 'utf8');
    const required = [...modules].map(([, module = '']) => module);
    expect(required.length).toBe(7);
    expect(required.filter((module) => !cue.includes(`\n${module} (`))).toEqual([]);
  });
});

/** Of the package that a file belongs to. */
function nameAndVersion(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (!/node_modules\/(@[^/]+\/)?[^/]+$/.test(folder)) continue;
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    return `${name} ${version}`;
  }
}

describe('the library', () => {
  it('compiles a manifest to the bytes that the command line prints', async () => {
    const folder = mkdtempSync(join(dir, 'library-'));
    writeFileSync(join(folder, 'secplan.json'), '{"apiVersion":"secplan/v1","metadata":{"name":"lib"}}');
    const library = await installedLibrary();
    const compiled = await library.compileManifest({ cwd: folder, profile: 'smoke' });
    const printed = execFileSync(process.execPath, [INSTALLED.bin, 'compile', '--profile', 'smoke'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(compiled.ok && library.serializePlan(compiled.value.plan)).toBe(printed);
  });

  const CONSUMER = `
    import { compileManifest, type Diagnostic, type RunEvent, runScan, scanOptions, serializePlan } from 'secplan';

    const compiled = await compileManifest({ cwd: '/', profile: 'light' });
    export const text: string = compiled.ok ? serializePlan(compiled.value.plan) : '';
    export const problems: readonly Diagnostic[] = compiled.diagnostics;
    const { scan } = await runScan({
      cwd: '/',
      env: {},
      signal: new AbortController().signal,
      onEvent: (event: RunEvent): string => event.type,
      now: Date.now,
      options: { ...scanOptions.parse({}), profile: 'light' },
    });
    export const worst = scan?.findings[0]?.severity.toUpperCase();
    // @ts-expect-error: no such option
    export const typo = scanOptions.parse({}).profil;
  `;

  it.each([
    ['TypeScript 7, resolving as Node does', 'typescript/bin/tsc', 'nodenext', 'nodenext'],
    ['TypeScript 6, resolving as a bundler does', 'typescript-6/bin/tsc', 'esnext', 'bundler'],
  ])(
    'has types that need no other package: %s',
    (_, compiler, module, moduleResolution) => {
      const folder = mkdtempSync(join(dir, 'consumer-'));
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(INSTALLED.folder, join(folder, 'node_modules/secplan'));
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
      const compilerOptions = {
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [], noEmit: true },
        ...{ target: 'es2024', module, moduleResolution },
      };
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
      );
      const tsc = () =>
        execFileSync(process.execPath, [join(root, 'node_modules', compiler), '-p', folder], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
      expect(tsc()).toBe('');
      // A type that does not resolve would be any, and nothing would be an error.
      writeFileSync(join(folder, 'consumer.ts'), CONSUMER.replace('.profil;', '.profile;'));
      expect(tsc).toThrow(/Command failed/);
    },
    120_000,
  );
});
