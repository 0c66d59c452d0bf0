import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlwaysLeftOut } from '../../executor/inventory/folder-rules.ts';

/** Something in a workspace that speaks for a scanner. */
export interface Trait {
  /** For comments: `Python`, `C or C++`. */
  readonly name: string;
  /** The first file that shows it, relative, with `/`. */
  readonly example: string;
  readonly files: number;
}

const MAX_FILES = 20_000;
const MAX_DEPTH = 12;

const SIGNS: readonly (readonly [name: string, file: RegExp])[] = [
  ['Python', /\.pyi?$/],
  ['C or C++', /\.(c|h|cc|cpp|cxx|hpp)$/],
  ['JavaScript or TypeScript', /\.[cm]?[jt]sx?$/],
  ['Go', /\.go$/],
  ['Java', /\.java$/],
  ['Ruby', /\.rb$/],
  ['PHP', /\.php$/],
  ['Dockerfile', /(^|\/)(Dockerfile|Containerfile)(\.[^/]+)?$|\.dockerfile$/i],
  ['Terraform', /\.tf$/],
  ['GitHub workflow', /^\.github\/workflows\/[^/]+\.ya?ml$/],
  [
    'dependency list',
    /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|poetry\.lock|uv\.lock|go\.sum|pom\.xml|Gemfile\.lock|composer\.lock|Cargo\.lock)$/,
  ],
];

/**
 * What kinds of files lie in a folder. Looks at no more than 20,000 names, 12 folders deep, follows no links, and reads
 * no file.
 */
export function lookAround(root: string): { readonly traits: readonly Trait[]; readonly git: boolean } {
  const found = new Map<string, { example: string; files: number }>();
  const folders: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  let seen = 0;
  for (let folder = folders.shift(); folder !== undefined && seen < MAX_FILES; folder = folders.shift()) {
    for (const entry of entries(join(root, folder.path))) {
      seen += 1;
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!isAlwaysLeftOut(entry.name) && folder.depth < MAX_DEPTH) {
          folders.push({ path, depth: folder.depth + 1 });
        }
      } else if (entry.isFile()) {
        for (const [name, pattern] of SIGNS) {
          if (!pattern.test(path)) continue;
          const known = found.get(name);
          if (known === undefined) found.set(name, { example: path, files: 1 });
          else known.files += 1;
        }
      }
    }
  }
  const traits = SIGNS.flatMap(([name]) => {
    const facts = found.get(name);
    return facts === undefined ? [] : [{ name, ...facts }];
  });
  return { traits, git: existsSync(join(root, '.git')) };
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
