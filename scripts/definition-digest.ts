import { build } from 'esbuild';
import { digestOf } from '../src/core/canonical.ts';
import type { Digest } from '../src/core/ids.ts';
import { MODULES } from '../src/stages/kit/scanner.ts';

/**
 * What each scanner is, by its folder: the sha256 of its three modules and of all that they really import below src/, as one
 * bundle without comments and white space. Packages are not part of it, nor is what the bundler finds unused.
 */
export async function definitionDigests(folders: ReadonlyMap<string, string>): Promise<Map<string, Digest>> {
  const { outputFiles } = await build({
    entryPoints: [...folders.keys()].map((id) => ({ in: `scanner:${id}`, out: id })),
    bundle: true,
    write: false,
    outdir: '/definitions',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // Of no file around them: the same text gives the same digest anywhere.
    target: 'es2024',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    minifyWhitespace: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [
      {
        name: 'scanners',
        setup(api) {
          api.onResolve({ filter: /^scanner:/ }, ({ path }) => ({ path, namespace: 'scanner' }));
          api.onLoad({ filter: /.*/, namespace: 'scanner' }, ({ path }) => {
            const folder = folders.get(path.slice('scanner:'.length)) ?? '';
            const contents = Object.keys(MODULES).map((file) => `export * from './${file}';`);
            return { contents: contents.join('\n'), resolveDir: folder };
          });
        },
      },
    ],
  });
  return new Map(
    outputFiles.map(({ path, text }) => [path.slice('/definitions/'.length, -'.js'.length), digestOf(text)]),
  );
}
