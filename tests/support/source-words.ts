import ts from 'typescript-6';
import type { HardPhrase } from './plain-words.ts';

/** What a source file says: its texts, its comments, the names that it declares. Lines start at 1. */
export interface SourceWords {
  readonly texts: readonly Said[];
  readonly comments: readonly Said[];
  readonly names: readonly Said[];
}

export interface Said {
  readonly line: number;
  readonly text: string;
}

/** Reads string literals, templates, comments and declared names of a TypeScript source. */
export function sourceWords(path: string, source: string): SourceWords {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const texts: Said[] = [];
  const names: Said[] = [];
  const at = (position: number): number => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const line = at(node.getStart(file));
    if (ts.isStringLiteralLike(node)) texts.push({ line, text: node.text });
    // A placeholder is one word: `${name} is told` is a sentence.
    else if (ts.isTemplateExpression(node))
      texts.push({
        line,
        text: node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join(''),
      });
    else if (ts.isIdentifier(node) && isDeclared(node)) names.push({ line, text: node.text });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { texts, comments: commentsOf(file, source, at), names };
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  return 'name' in parent && parent.name === node && !ts.isPropertyAccessExpression(parent);
}

function commentsOf(file: ts.SourceFile, source: string, at: (position: number) => number): Said[] {
  const seen = new Map<number, Said>();
  const collect = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? [])
      seen.set(pos, { line: at(pos), text: source.slice(pos, end).replace(/\n\s*(\*|\/\/)?\s*/g, ' ') });
  };
  const visit = (node: ts.Node): void => {
    collect(ts.getLeadingCommentRanges(source, node.getFullStart()));
    collect(ts.getTrailingCommentRanges(source, node.getEnd()));
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return [...seen.values()];
}

/** The hard phrases of a text, as `phrase: write …`. */
export function hardPhrases(text: string, phrases: readonly HardPhrase[]): readonly string[] {
  return phrases.flatMap(({ pattern, instead }) => {
    const [found] = pattern.exec(text) ?? [];
    return found === undefined ? [] : [`"${found}": write ${instead}`];
  });
}
