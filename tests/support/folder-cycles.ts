import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** One import between two files; paths are relative to the folder that was read, with `/`. */
export interface FileImport {
  readonly from: string;
  readonly to: string;
}

const IMPORT = /\b(?:from\s*|import\s*\(\s*|import\s+)(['"])(\.\.?\/[^'"\n]+)\1/g;

/** Every relative import below a folder, of types and lazy ones too; recorded cases, assets and generated lists are left out. */
export function importsBelow(root: string): FileImport[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        path.endsWith('.ts') && !/(^|\/)(cases|assets)\//.test(path) && !path.endsWith('catalogue.gen.ts'),
    )
    .flatMap((from) =>
      [...readFileSync(join(root, from), 'utf8').matchAll(IMPORT)].map(([, , path = '']) => ({
        from,
        to: posix.normalize(posix.join(posix.dirname(from), path)),
      })),
    );
}

/** Groups of folders that import each other in a circle, each sorted; a folder and its subfolder are two. */
export function folderCycles(imports: readonly FileImport[]): string[][] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [a, b] = [dirname(from), dirname(to)];
    if (a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
  }
  const reach = new Map([...edges.keys()].map((folder) => [folder, reachable(folder, edges)]));
  const groups = new Map<string, string[]>();
  for (const [folder, seen] of reach) {
    if (!seen.has(folder)) continue;
    const group = [...seen].filter((other) => reach.get(other)?.has(folder)).sort();
    groups.set(group.join(' '), group);
  }
  return [...groups.values()];
}

function reachable(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(start) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(edges.get(next) ?? []));
  }
  return seen;
}
