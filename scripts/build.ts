import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

// Bundles the command line and the library; scanners, views and commands stay lazy chunks.
const root = new URL('../', import.meta.url);
const outdir = new URL('dist/', root).pathname;
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };

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

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
  absWorkingDir: root.pathname,
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: false,
  chunkNames: 'chunks/[name]-[hash]',
  define: { __SECPLAN_VERSION__: JSON.stringify(version) },
  // Some dependencies are CommonJS and ask for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  plugins: [zodByNamespace],
  external: ['@secplan/cue', '@dagger.io/dagger'],
  logLevel: 'warning',
});

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
