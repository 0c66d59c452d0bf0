import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { byCodeUnit, digestOf } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';
import { isAlwaysLeftOut } from '../../executor/inventory/folder-rules.ts';
import { liesIn } from '../../io/paths.ts';

/** More files than any program needs; a folder of sources is no folder of scripts. */
const MOST_FILES = 5000;
const MOST_BYTES = 16 * 2 ** 20;
const TEXT_BYTES = 2 ** 20;

/** What they run stands in files of the tree that their arguments do not name. */
const LAUNCHERS: ReadonlySet<string> = new Set(
  'make gmake just task npm npx pnpm yarn bun deno node rake bundle tox nox poetry pdm uv uvx hatch invoke gradle gradlew mvn mvnw ant sbt cargo go cmake ninja bazel composer php dotnet'.split(
    ' ',
  ),
);
const CODE: ReadonlySet<string> = new Set(
  'sh bash zsh ksh fish py pyw pl pm rb js mjs cjs ts mts cts jsx tsx ps1 psm1 lua php awk sed jq mk tcl r jl groovy kts rego go so jar'
    .split(' ')
    .map((name) => `.${name}`),
);
const TRIED = [
  '',
  '.py',
  '/__init__.py',
  '.sh',
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.rb',
  '.pl',
  '/index.js',
  '/index.ts',
];
const WORD = /[\w@+.-][\w@+./-]*/g;

/** A command of the manifest and what it may use. */
export interface Command {
  readonly pointer: string;
  readonly name: string;
  readonly words: readonly string[];
  /** It gets a secret or the network. */
  readonly granted: boolean;
}

/** The files of a command's programs by path; undefined where there are too many to vouch for. */
export type ProgramFiles = ReadonlyMap<string, Digest> | undefined;

/**
 * What a command of the workspace may start, source or import: the files that it names, all files of the folders of those that are
 * code, and the code that their texts name by a path or a module. Of the workspace's own folder, where sources lie too, only the
 * code beside the program of a command that is granted something. Files that no stage ever sees (`.git`, `node_modules`) are left out.
 * @param workspace absolute, links resolved
 * @param words program and arguments
 * @param granted the command gets a secret or the network
 */
export function programFiles(workspace: string, command: Pick<Command, 'words' | 'granted'>): ProgramFiles {
  return openPrograms(workspace)(command);
}

/** The same for many commands of one workspace as it is now: its folders are listed once for all of them. */
export function openPrograms(
  workspace: string,
): (command: Pick<Command, 'words' | 'granted'>) => ProgramFiles {
  const folders = new Folders(workspace);
  return (command) => filesOfProgram(new Tree(workspace, folders), command);
}

function filesOfProgram(tree: Tree, { words, granted }: Pick<Command, 'words' | 'granted'>): ProgramFiles {
  const named = words.map((word) => tree.named(word));
  const roots = named.flat();
  const launched = words.some(
    (word, at) => LAUNCHERS.has(posix.basename(word)) || (at > 0 && /^-[cme]$/.test(word)),
  );
  const found = new Map<string, Digest>();
  const pending = [...roots];
  const add = (path: string): void => {
    if (!found.has(path)) pending.push(path);
  };
  if (launched) {
    for (const path of tree.filesOf('.')) add(path);
    for (const word of words) for (const path of tree.below(posix.normalize(word))) add(path);
  }
  // What a command only reads imports nothing: its folder is no folder of a program, and its text names none.
  const read = launched ? [] : named.slice(1).flat();
  const data = new Set(read.filter((path) => !tree.isCode(path, path)));
  for (const path of roots.filter((path) => !data.has(path)))
    for (const sibling of tree.siblings(path, granted)) add(sibling);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    const content = tree.read(path);
    if (content === undefined) continue;
    found.set(path, digestOf(content));
    if (found.size > MOST_FILES) return undefined;
    if (data.has(path) || content.length > TEXT_BYTES || content.includes(0)) continue;
    for (const other of tree.references(content.toString('utf8'), posix.dirname(path))) add(other);
  }
  return tree.tooLarge ? undefined : new Map([...found].sort(([a], [b]) => byCodeUnit(a, b)));
}

/** Of a normal path; `..lib.sh` is a name like any other. */
function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../') || path.startsWith('/');
}

/** Reads a workspace's files by name, for one question. */
class Tree {
  tooLarge = false;
  private readonly workspace: string;
  private readonly folders: Folders;

  constructor(workspace: string, folders: Folders) {
    this.workspace = workspace;
    this.folders = folders;
  }

  /** Content of a regular file inside the workspace, also through links. */
  read(path: string): Buffer | undefined {
    const file = join(this.workspace, path);
    try {
      if (!liesIn(file, this.workspace)) return undefined;
      if (statSync(file).size <= MOST_BYTES) return readFileSync(file);
      this.tooLarge = true;
    } catch {
      // Gone, or not to be read: no stage sees it either.
    }
    return undefined;
  }

  filesOf(folder: string): string[] {
    const entries = [...this.list(posix.normalize(folder))];
    return entries.flatMap(([name, kind]) => (kind === 'file' ? [posix.join(folder, name)] : []));
  }

  /** Every file below a folder; nothing of the workspace itself. */
  below(folder: string): string[] {
    const start = posix.normalize(folder).replace(/\/$/, '');
    if (start === '.' || start === '' || isOutside(start)) return [];
    const found: string[] = [];
    const pending = [start];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const [name, kind] of this.list(at)) {
        if (kind === 'file') found.push(posix.join(at, name));
        else if (!isAlwaysLeftOut(name)) pending.push(posix.join(at, name));
      }
      if (found.length > MOST_FILES) {
        this.tooLarge = true;
        return [];
      }
    }
    return found;
  }

  /** What an interpreter finds beside a script before anything else. */
  siblings(script: string, granted: boolean): string[] {
    const folder = posix.dirname(script);
    if (folder !== '.') return this.below(folder);
    if (!granted) return [];
    const packages = [...this.list('.')].flatMap(([name, kind]) =>
      kind === 'folder' && this.isFile(`${name}/__init__.py`) ? [`${name}/__init__.py`] : [],
    );
    return [...this.filesOf('.').filter((path) => CODE.has(extname(path))), ...packages];
  }

  /** Files that a word of a command names, whole or in part, as in `sh -c '. ci/lib.sh'`. */
  named(word: string): string[] {
    return (word.match(WORD) ?? []).flatMap((token) => this.resolve(token, '.'));
  }

  /** Code that a text names: from its own folder, or from the workspace, where every command starts. */
  references(text: string, folder: string): string[] {
    const tokens = new Set(text.match(WORD) ?? []);
    const places = folder === '.' ? ['.'] : [folder, '.'];
    return [...tokens].flatMap((token) =>
      places.flatMap((place) => this.resolve(token, place).filter((path) => this.isCode(path, token))),
    );
  }

  private resolve(token: string, folder: string): string[] {
    const names = [token, ...(/^\w+(\.\w+)+$/.test(token) ? [token.replaceAll('.', '/')] : [])];
    return names.flatMap((name) => {
      const base = posix.join(folder, name).replace(/\/$/, '');
      if (base === '.' || isOutside(base)) return [];
      // A name with an ending is taken as it is; `import lib` means lib.py although there is a file `lib`.
      if (extname(base) !== '' && this.folders.kindOf(base) === 'file') return [base];
      const last = posix.basename(base);
      const beside = this.folders.list(posix.dirname(base));
      const isFile = (end: string): boolean =>
        end.startsWith('/')
          ? beside.get(last) === 'folder' && this.folders.list(base).get(end.slice(1)) === 'file'
          : beside.get(last + end) === 'file';
      return TRIED.filter(isFile).map((end) => base + end);
    });
  }

  private list(folder: string): ReadonlyMap<string, Kind> {
    return this.folders.list(folder);
  }

  private isFile(path: string): boolean {
    return this.list(posix.dirname(path)).get(posix.basename(path)) === 'file';
  }

  /** Whether a file that a word names is code; `token` is how it is named. */
  isCode(path: string, token: string): boolean {
    const extension = extname(path).toLowerCase();
    if (CODE.has(extension)) return true;
    if (extension === '' && token.includes('/')) return true;
    return this.startsAsProgram(path);
  }

  private startsAsProgram(path: string): boolean {
    try {
      const name = join(this.workspace, path);
      if ((statSync(name).mode & 0o111) !== 0) return true;
      const file = openSync(name, 'r');
      try {
        const start = Buffer.alloc(2);
        return readSync(file, start, 0, 2, 0) === 2 && start.toString('latin1') === '#!';
      } finally {
        closeSync(file);
      }
    } catch {
      return false;
    }
  }
}

type Kind = 'file' | 'folder';

/** The folders of a workspace, each listed once, and only where one look at a name does not do. */
class Folders {
  private readonly known = new Map<string, ReadonlyMap<string, Kind>>();
  private readonly looked = new Map<string, Kind | undefined>();
  private readonly workspace: string;

  constructor(workspace: string) {
    this.workspace = workspace;
  }

  /** What a path is; undefined where it is nothing, or below a link: a folder is never entered through one. */
  kindOf(path: string): Kind | undefined {
    const folder = posix.dirname(path);
    const listed = this.known.get(folder);
    if (listed !== undefined) return listed.get(posix.basename(path));
    if (!this.looked.has(path)) {
      const isReal = folder === '.' || this.kindOf(folder) === 'folder';
      this.looked.set(path, isReal ? kindAt(join(this.workspace, path)) : undefined);
    }
    return this.looked.get(path);
  }

  list(folder: string): ReadonlyMap<string, Kind> {
    const known = this.known.get(folder);
    if (known !== undefined) return known;
    const entries = new Map<string, Kind>();
    // What a link stands for has its own path.
    const isReal = folder === '.' || this.kindOf(folder) === 'folder';
    try {
      if (isReal) {
        for (const entry of readdirSync(join(this.workspace, folder), { withFileTypes: true })) {
          if (entry.isDirectory()) entries.set(entry.name, 'folder');
          else if (entry.isFile() || entry.isSymbolicLink()) entries.set(entry.name, 'file');
        }
      }
    } catch {
      // Not there, or not to be read.
    }
    this.known.set(folder, entries);
    return entries;
  }
}

function kindAt(file: string): Kind | undefined {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return 'folder';
    return stat?.isFile() || stat?.isSymbolicLink() ? 'file' : undefined;
  } catch {
    // Too long for a name, or not to be read.
    return undefined;
  }
}
