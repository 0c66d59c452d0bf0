import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { sha256Hex } from '../src/core/canonical.ts';
import { parseLock } from '../src/toolchain/read-lock.ts';

// Bundles the command line and the library; scanners, views and commands stay lazy chunks.
const root = new URL('../', import.meta.url);
const outdir = new URL('dist/', root).pathname;
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };

const lock = readFileSync(new URL('tools.lock.json', root), 'utf8');
if (!parseLock(lock, 'tools.lock.json').ok) throw new Error('tools.lock.json is not sound');

/** `{ z }` is one object that keeps all of zod, its 50 languages too; of a namespace only what is used is bundled. */
const zodByNamespace: Plugin = {
  name: 'zod-by-namespace',
  setup(api) {
    api.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import { z } from 'zod';", "import * as z from 'zod';"),
      loader: 'ts',
    }));
  },
};

/**
 * Node's own modules by `getBuiltinModule`: an import of one evaluates each of its getters, and those of `fs` load
 * streams, watchers and more that a short run never needs.
 */
const builtinsOnDemand: Plugin = {
  name: 'builtins-on-demand',
  setup(api) {
    api.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'builtin', sideEffects: false },
    );
    // As CommonJS: its members are read where they are used, and not when the module that imports them is loaded.
    api.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      // By `globalThis`: a module of ours, or of a dependency, may call something of its own `process`.
      contents: `module.exports = globalThis.process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

const common = {
  absWorkingDir: root.pathname,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: false,
  define: {
    __SECPLAN_VERSION__: JSON.stringify(version),
    __SECPLAN_LOCK_SHA256__: JSON.stringify(sha256Hex(lock)),
  },
  // Some dependencies are CommonJS and ask for Node's own modules.
  banner: {
    js: "const require=globalThis.process.getBuiltinModule('node:module').createRequire(import.meta.url);",
  },
  plugins: [zodByNamespace, builtinsOnDemand],
  external: ['@secplan/cue', '@dagger.io/dagger'],
  logLevel: 'warning',
} satisfies BuildOptions;

rmSync(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
// What runs at every push is one file: finding and reading a hundred takes longer than all that `compile` does.
// One for each command, as V8 keeps compiled code by file and only of what the first start of it used.
for (const command of ['run', 'compile']) {
  await build({ ...common, entryPoints: { [command]: 'src/cli/main.ts' } });
}

// Other projects' published schemas, for `golden check`: taken from packages, never committed.
const require = createRequire(import.meta.url);
const schemas = join(outdir, 'schemas');
const cyclonedx = join(
  dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')),
  'res',
  'schema',
);
mkdirSync(schemas, { recursive: true });
copyFileSync(
  join(
    dirname(require.resolve('@microsoft/jest-sarif/package.json')),
    'lib',
    'schemas',
    'sarif-2.1.0-rtm.5.json',
  ),
  join(schemas, 'sarif-2.1.0.json'),
);
for (const part of ['bom-1.6', 'spdx', 'jsf-0.82', 'cryptography-defs']) {
  copyFileSync(join(cyclonedx, `${part}.SNAPSHOT.schema.json`), join(schemas, `cyclonedx-${part}.json`));
}
