import { readFileSync } from 'node:fs';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { sha256Hex } from '../src/core/canonical.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const lock = readFileSync(new URL('tools.lock.json', root), 'utf8');

/** Commands that have their own file. */
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

/** Node loads these for nearly every start anyway, or they are called too often for a detour. */
const AT_ONCE: ReadonlySet<string> = new Set(['crypto', 'fs', 'os', 'path', 'url', 'util']);
/** These are imported as the object, function or class that they are. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['assert', 'events', 'process', 'stream']);

/**
 * Node's own modules by `getBuiltinModule`: an import of one evaluates each of its getters, and those of `fs` and `util`
 * load streams, workers and more that a short run never needs. Most are found when a member is first used.
 *
 * As CommonJS, since esbuild then reads a member where it is used and not when the module that imports it is loaded.
 * Members are inherited: esbuild copies an object's own properties for each module that imports it, and so looks at each.
 */
const builtinsOnDemand: Plugin = {
  name: 'builtins-on-demand',
  setup(api) {
    // `import('node:…')` gives a namespace, which has no inherited members: that one stays Node's own.
    api.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement'
        ? { path, namespace: 'builtin', sideEffects: false }
        : { path, external: true },
    );
    api.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => {
      // By `globalThis`: our module, or a dependency, may have its own variable named `process`.
      const builtin = `globalThis.process.getBuiltinModule(${JSON.stringify(path)})`;
      const name = path.slice('node:'.length);
      if (AS_THEY_ARE.has(name)) {
        const members = Object.keys((await import(path)) as object).filter((member) => member !== 'default');
        const exported = members.map(
          (member) => `export const ${member} = /* @__PURE__ */ memberOf(${JSON.stringify(member)});`,
        );
        const memberOf = `const memberOf = (name) => ${builtin}[name];`;
        return { contents: [`export default ${builtin};`, memberOf, ...exported].join('\n'), loader: 'js' };
      }
      const found = AT_ONCE.has(name)
        ? builtin
        : `new Proxy({}, { get: (_, name) => (found ??= ${builtin})[name] })`;
      return { contents: `let found;\nmodule.exports = Object.create(${found});`, loader: 'js' };
    });
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

/** Planning reads no report: the file of a command that only plans has no scanner's `report.ts`. */
const noReports: Plugin = {
  name: 'no-reports',
  setup(api) {
    api.onResolve({ filter: /^\.\/[\w-]+\/report\.ts$/ }, ({ kind, importer }) =>
      kind === 'dynamic-import' && importer.endsWith('/src/stages/catalogue.gen.ts')
        ? { path: 'report', namespace: 'no-report' }
        : undefined,
    );
    api.onLoad({ filter: /.*/, namespace: 'no-report' }, () => ({
      contents: "throw new Error('the file of a command that only plans reads no reports');",
    }));
  },
};

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
  // The evaluator keeps its files, a worker and a wasm, in its own folder (scripts/build.ts, `imports` of package.json).
  alias: { '@secplan/cue': '#cue' },
  external: ['#cue', '@dagger.io/dagger'],
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/** The command line, the library and the process that reads large reports; scanners, views and commands stay lazy chunks. */
export function bundleAll(outdir: string = common.outdir): Promise<BuildResult<{ metafile: true }>> {
  return build({
    ...common,
    outdir,
    plugins: [zodByNamespace, builtinsOnDemand],
    entryPoints: {
      main: 'src/cli/main.ts',
      index: 'src/index.ts',
      'read-large-report': 'src/app/large-reports/read-large-report.ts',
    },
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
  const only = [onlyCommand(command), ...(command === 'compile' ? [noReports] : [])];
  return build({
    ...common,
    plugins: [...plugins, ...only, zodByNamespace, builtinsOnDemand],
    entryPoints: { [command]: 'src/cli/main.ts' },
    outdir,
  });
}
