import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

// Bundles the command line and the library; scanners, views and commands stay lazy chunks.
const root = new URL('../', import.meta.url);
const outdir = new URL('dist/', root).pathname;
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };

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
  external: ['@secplan/cue', '@dagger.io/dagger'],
  logLevel: 'warning',
});
