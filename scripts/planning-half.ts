import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript-6';

/** Members of a scanner's declaration that planning calls none of: what options are checked and reports are read with. */
const OTHER_HALF: ReadonlySet<string> = new Set(['options', 'parse', 'sanitize', 'variants']);

/**
 * A scanner's stage.ts without what planning needs nothing of (`StageCommands`), and any module of the stages with its
 * constants marked as free of effects: what only the other half used is then left out by the bundler, with its imports.
 */
export function planningHalf(source: string): string {
  const file = ts.createSourceFile('stage.ts', source, ts.ScriptTarget.Latest, true);
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || ts.isArrowFunction(initializer)) continue;
      const declared = ts.isCallExpression(initializer) && initializer.expression.getText() === 'defineStage';
      const members = declared ? initializer.arguments[0] : undefined;
      if (members !== undefined && ts.isObjectLiteralExpression(members)) {
        for (const member of members.properties) {
          if (!OTHER_HALF.has(member.name?.getText() ?? '')) continue;
          // With the comma behind it, if there is one.
          const comma = source.slice(member.end).match(/^\s*,/)?.[0].length ?? 0;
          edits.push({ from: member.getStart(), to: member.end + comma, text: '' });
        }
        continue;
      }
      const start = initializer.getStart();
      edits.push({ from: start, to: start, text: '/* @__PURE__ */ (() => (' });
      edits.push({ from: initializer.end, to: initializer.end, text: '))()' });
    }
  }
  let text = source;
  for (const { from, to, text: put } of edits.reverse()) text = text.slice(0, from) + put + text.slice(to);
  return text;
}

/** Bundles of every scanner the half that planning needs. */
export const planningHalves: Plugin = {
  name: 'planning-halves',
  setup(api) {
    // None of these modules does anything when it is loaded: one that nothing is used of is left out.
    api.onResolve({ filter: /^\.\.?\// }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolved' || !/\/src\/stages\//.test(from.importer)) return undefined;
      const { resolveDir, importer, kind } = from;
      const found = await api.resolve(path, { resolveDir, importer, kind, pluginData: 'resolved' });
      return { ...found, sideEffects: false };
    });
    api.onLoad({ filter: /\/src\/stages\/.*\.ts$/ }, ({ path }) => {
      if (path.endsWith('.gen.ts')) return undefined;
      return { contents: planningHalf(readFileSync(path, 'utf8')), loader: 'ts' };
    });
  },
};

const PLANNING = 'planning';

/**
 * Bundles both: the half that planning needs as modules of its own, for `commands()` of the registry, and the whole for
 * `load()`, which a stage whose result is in the cache is never asked for.
 */
export const bothHalves: Plugin = {
  name: 'both-halves',
  setup(api) {
    api.onLoad({ filter: /\/src\/stages\/catalogue\.gen\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /\(\) => import\('(\.\/[\w-]+\/stage\.ts)'\)/g,
        (whole, module) => `${whole}, () => import('${module}?${PLANNING}')`,
      ),
      loader: 'ts',
    }));
    api.onResolve({ filter: /^\.\.?\// }, async ({ path, pluginData, ...from }) => {
      const named = path.endsWith(`?${PLANNING}`);
      if (pluginData === 'resolved' || (!named && from.namespace !== PLANNING)) return undefined;
      const { resolveDir, importer, kind } = from;
      const own = named ? path.slice(0, -PLANNING.length - 1) : path;
      const found = await api.resolve(own, { resolveDir, importer, kind, pluginData: 'resolved' });
      if (!/\/src\/stages\//.test(found.path)) return found;
      return { ...found, namespace: PLANNING, sideEffects: false };
    });
    api.onLoad({ filter: /.*/, namespace: PLANNING }, ({ path }) => ({
      contents: planningHalf(readFileSync(path, 'utf8')),
      resolveDir: dirname(path),
      loader: 'ts',
    }));
  },
};
