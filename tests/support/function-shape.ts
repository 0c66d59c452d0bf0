import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-6';

/** A function with a body, as a reader sees it. */
export interface FunctionShape {
  /** `src/room/file.ts name`; a method is `Class.method`, a function without a name `?`. */
  readonly id: string;
  /** First to last, without the doc comment; what is nested in it counts. */
  readonly lines: number;
  readonly parameters: number;
}

export const MOST_LINES = 60;
export const MOST_PARAMETERS = 4;

/** Every function below a folder of sources; recorded cases and generated files are left out. */
export function functionsBelow(root: string, folder: string): FunctionShape[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.gen.ts') && !/(^|\/)cases\//.test(path))
    .flatMap((path) => functionsOf(`${folder}/${path}`, readFileSync(join(root, folder, path), 'utf8')));
}

/** Every function of one file. */
export function functionsOf(file: string, text: string): FunctionShape[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: FunctionShape[] = [];
  visit(source);
  return found;

  function visit(node: ts.Node): void {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const [first, last] = [node.getStart(), node.end].map(
        (at) => source.getLineAndCharacterOfPosition(at).line,
      );
      const lines = (last ?? 0) - (first ?? 0) + 1;
      found.push({ id: `${file} ${nameOf(node)}`, lines, parameters: node.parameters.length });
    }
    ts.forEachChild(node, visit);
  }
}

/** A function that is assigned goes by the name of the variable or member it is assigned to. */
function nameOf(node: ts.SignatureDeclaration): string {
  const { parent } = node;
  const assigned = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  const name = ts.isConstructorDeclaration(node)
    ? 'constructor'
    : ((node.name ?? (assigned ? parent.name : undefined))?.getText() ?? '?');
  return ts.isClassLike(parent) && parent.name !== undefined ? `${parent.name.text}.${name}` : name;
}

/** What is wrong with a function; undefined when nothing is. */
export function tooMuch({ id, lines, parameters }: FunctionShape): string | undefined {
  const faults = [
    ...(lines > MOST_LINES ? [`${lines} lines, at most ${MOST_LINES}`] : []),
    ...(parameters > MOST_PARAMETERS ? [`${parameters} parameters, at most ${MOST_PARAMETERS}`] : []),
  ];
  return faults.length === 0 ? undefined : `${id}: ${faults.join('; ')}`;
}

/** Functions that are too long or take too much and are on no list, and entries of the list that nothing needs. */
export function shapeFaults(functions: readonly FunctionShape[], listed: readonly string[]): string[] {
  const over = functions.filter((one) => tooMuch(one) !== undefined);
  const needed = new Set(over.map(({ id }) => id));
  return [
    ...over.flatMap((one) => (listed.includes(one.id) ? [] : [tooMuch(one) ?? ''])),
    ...listed.filter((id) => !needed.has(id)).map((id) => `${id}: is listed and need not be; remove it`),
  ];
}
