import { execFileSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCommand } from '../../scripts/bundle.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** What only the reading of reports needs. */
const READERS =
  /node_modules\/(fast-xml-parser|ae-cvss-calculator)\/|src\/stages\/formats\/(sarif|\w+-report|cvss|variants)\.ts$/;
const TRAP = 'a trap: zod was loaded';

let dir: string;
let inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;

/** Makes zod fail when it is loaded, and tells of each scanner whose module is. */
const traps: Plugin = {
  name: 'traps',
  setup(api) {
    api.onLoad({ filter: /\/node_modules\/zod\/v4\/core\/core\.js$/ }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(TRAP)});\n${readFileSync(path, 'utf8')}`,
    }));
    api.onLoad({ filter: /\/src\/stages\/[^/]+\/command\.ts$/ }, ({ path }) => ({
      contents: `process.emitWarning('loaded ${path.split('/').at(-2)}');\n${readFileSync(path, 'utf8')}`,
      loader: 'ts',
    }));
  },
};

function compile(manifest: object, profile: string): { stages: number; loaded: string[] } {
  const workspace = mkdtempSync(join(dir, 'workspace-'));
  const text = JSON.stringify({ apiVersion: 'secplan/v1', metadata: { name: 'bundle' }, ...manifest });
  writeFileSync(join(workspace, 'secplan.json'), text);
  writeFileSync(join(workspace, 'compose.yaml'), 'services: {web: {image: web}}\n');
  const warnings = join(workspace, 'warnings.txt');
  const printed = execFileSync(
    process.execPath,
    [`--redirect-warnings=${warnings}`, join(dir, 'dist/compile.js'), 'compile', '--profile', profile],
    { cwd: workspace, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const { stages } = JSON.parse(printed) as { stages: unknown[] };
  const loaded = [...readFileSync(warnings, 'utf8').matchAll(/Warning: loaded (\S+)/g)];
  return { stages: stages.length, loaded: loaded.map(([, id = '']) => id).sort() };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'secplan-bundle-'));
  for (const file of ['package.json', 'tools.lock.json']) copyFileSync(join(ROOT, file), join(dir, file));
  for (const folder of ['assets', 'rules', 'src']) symlinkSync(join(ROOT, folder), join(dir, folder));
  mkdirSync(join(dir, 'bin'));
  copyFileSync(join(ROOT, 'bin/secplan.mjs'), join(dir, 'bin/secplan.mjs'));
  const outdir = join(dir, 'dist');
  const { metafile } = await bundleCommand('compile', { outdir, plugins: [traps] });
  inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Modules of which something is in the bundle. */
const held = () => Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0);

describe('the bundle of compile', () => {
  it('has no module that reads reports, and of other commands nothing', () => {
    expect(held().filter((path) => READERS.test(path))).toEqual([]);
    expect(
      held().filter((path) => /src\/(executor\/runtimes|evidence|report|delivery)\//.test(path)),
    ).toEqual([]);
    expect(held().filter((path) => /src\/cli\/commands\//.test(path))).toEqual([
      'src/cli/commands/compile.ts',
    ]);
  });

  it('loads of all scanners the planned ones, and zod for none', () => {
    const all = [...catalogue.keys()].filter((id) => id !== 'custom');
    const every = compile({ profiles: { all: { tools: { enable: all } } } }, 'all');
    expect(every.stages).toBeGreaterThan(40);
    expect(every.loaded).toEqual([...all].sort());
    expect(compile({}, 'smoke').loaded).toEqual(['detect-secrets', 'ruff']);
  });

  it('would show that zod is loaded: a Compose file is read with it', () => {
    expect(() => compile({ stack: { compose: 'compose.yaml' } }, 'smoke')).toThrow(TRAP);
  });
});

describe('what V8 compiled', () => {
  /** Where a start leaves it, with these in the environment. */
  function kept(env: (folder: string) => Readonly<Record<string, string>>, owner?: number): string[] {
    const folder = mkdtempSync(join(dir, 'user-'));
    if (owner !== undefined) chownSync(folder, owner, owner);
    execFileSync(process.execPath, [join(dir, 'bin/secplan.mjs'), 'compile', '--profile', 'smoke'], {
      cwd: mkdtempSync(join(dir, 'workspace-')),
      env: { TMPDIR: folder, ...env(folder) },
      stdio: 'ignore',
    });
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return found.filter((path) => path.split('/').length === 2);
  }
  const home = (folder: string) => ({ HOME: folder });
  const both = (folder: string) => ({ HOME: folder, XDG_CACHE_HOME: join(folder, 'own') });

  it('is kept in the cache folder of the user, and never below /tmp', () => {
    expect(kept(home)).toEqual(['.cache/secplan-compiled']);
    expect(kept(both)).toEqual(['own/secplan-compiled']);
    expect(kept(() => ({}))).toEqual([]);
    expect(kept((folder) => ({ ...home(folder), NODE_DISABLE_COMPILE_CACHE: '1' }))).toEqual([]);
  });

  const root = process.getuid?.() === 0;
  if (!root) process.stderr.write('bundle.test: not root, so another user is not tried\n');
  it.skipIf(!root)('is not kept with what another user may write', () => {
    expect(kept(home, 12_345)).toEqual([]);
  });
});

describe('the command of a scanner', () => {
  /** What all of them import when they run, directly or not: nothing is left out because it is unused. */
  async function reached(plugins: Plugin[] = []): Promise<string[]> {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: [...catalogue.keys()].map((id) => `src/stages/${id}/command.ts`),
      outdir: 'dist',
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      plugins,
    });
    const external = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    return [...new Set([...Object.keys(metafile.inputs), ...external])];
  }
  const forbidden = (path: string) => /^zod\b|src\/stages\/(formats\/|[^/]+\/(report|stage)\.ts$)/.test(path);

  it('reaches no zod, no reader of reports and no declaration', async () => {
    const all = await reached();
    expect(all.length).toBeGreaterThan(catalogue.size);
    expect(all.filter(forbidden)).toEqual([]);
  });

  it.each([
    ['zod', "import * as z from 'zod'; export const planted = z;"],
    ['src/stages/formats/sarif.ts', "import { readSarif as planted } from '../formats/sarif.ts'; planted;"],
    ['src/stages/ruff/report.ts', "export { report } from './report.ts';"],
    ['src/stages/ruff/stage.ts', "export { stage } from './stage.ts';"],
  ])('would be found out if it reached %s', async (what, line) => {
    const plant: Plugin = {
      name: 'plant',
      setup(api) {
        api.onLoad({ filter: /\/src\/stages\/ruff\/command\.ts$/ }, ({ path }) => ({
          contents: `${line}\n${readFileSync(path, 'utf8')}`,
          loader: 'ts',
        }));
      },
    };
    expect((await reached([plant])).filter(forbidden)).toContain(what);
  });
});
