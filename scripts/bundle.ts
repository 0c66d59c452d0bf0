import { readFileSync } from 'node:fs';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { sha256Hex } from '../src/core/canonical.ts';
import { planningHalves } from './planning-half.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const lock = readFileSync(new URL('tools.lock.json', root), 'utf8');

/** Commands that have a file of their own. */
export const WHOLE_COMMANDS = ['run', 'compile'] as const;

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

/** Leaves what other commands load out of one command's file, which is only ever started for that one (bin/secplan.mjs). */
function onlyCommand(command: string): Plugin {
  return {
    name: 'only-command',
    setup(api) {
      api.onResolve({ filter: /^\.\/commands\// }, ({ path, kind, importer }) => {
        if (kind !== 'dynamic-import' || !/\/src\/cli\/commands-[a-z]+\.ts$/.test(importer)) return undefined;
        return path === `./commands/${command}.ts` ? undefined : { path, namespace: 'other-command' };
      });
      api.onLoad({ filter: /.*/, namespace: 'other-command' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not in the file of ${command}`)});`,
      }));
    },
  };
}

const common = {
  absWorkingDir: root.pathname,
  outdir: 'dist',
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
  external: ['@secplan/cue', '@dagger.io/dagger'],
  logLevel: 'warning',
} satisfies BuildOptions;

/** The command line and the library; scanners, views and commands stay lazy chunks. */
export function bundleAll(): Promise<BuildResult> {
  return build({
    ...common,
    plugins: [zodByNamespace, builtinsOnDemand],
    entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
}

/**
 * One command in one file, for those that run at every push: finding and reading a hundred files takes longer than all
 * that `compile` does. One for each, as V8 keeps compiled code by file and only of what the first start of it used.
 * @param plugins of a test, which come first
 */
export function bundleCommand(
  command: (typeof WHOLE_COMMANDS)[number],
  { outdir = common.outdir, plugins = [] }: { readonly outdir?: string; readonly plugins?: Plugin[] } = {},
): Promise<BuildResult<{ metafile: true }>> {
  const halves = command === 'compile' ? [planningHalves] : [];
  return build({
    ...common,
    plugins: [...plugins, ...halves, onlyCommand(command), zodByNamespace, builtinsOnDemand],
    entryPoints: { [command]: 'src/cli/main.ts' },
    metafile: true,
    outdir,
  });
}
