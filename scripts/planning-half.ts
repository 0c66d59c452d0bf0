import { readFileSync } from 'node:fs';
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
