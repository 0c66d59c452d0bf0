import { FOLDER_MARKERS, isAlwaysLeftOut, isLeftOutBeside } from './folder-rules.ts';
import type { GitFiles } from './git-files.ts';
import type { LeftOut } from './types.ts';
import { walkFiles } from './walk-files.ts';

/** Of what git lists, the files that scanning could read, and what it leaves out. Grows as submodules are listed. */
export class GitSelection {
  readonly #root: string;
  readonly #own: ReadonlyMap<string, LeftOut['reason']>;
  readonly #kept = new Set<string>();
  readonly #out = new Map<string, LeftOut>();
  readonly #tracked: (readonly string[])[] = [];
  #index: ReadonlySet<string> | undefined;

  /** @param own folders that are left out whatever their names, with the reason */
  constructor(root: string, own: ReadonlyMap<string, LeftOut['reason']>) {
    this.#root = root;
    this.#own = own;
  }

  /** Whether git tracks the file. Asked when all files are listed, of those that are not there. */
  isTracked(path: string): boolean {
    this.#index ??= new Set(this.#tracked.flat());
    return this.#index.has(path);
  }

  leftOut(): LeftOut[] {
    return [...this.#out.values()];
  }

  /** Takes files in. The paths that are new, sorted; `changed`: whether a kept one is not in git's index. */
  take(files: GitFiles): { readonly paths: readonly string[]; readonly changed: boolean } {
    const before = this.#kept.size;
    this.#tracked.push(files.tracked);
    const found: string[] = [];
    const byName = leaveOutByName(this.#own, isAlwaysLeftOut);
    // What git tracks is part of what is shipped, whatever its folder is called.
    const byOwn = leaveOutByName(this.#own, () => false);
    for (const path of files.tracked) this.#sort(path, byOwn(path), found);
    const afterTracked = this.#kept.size;
    const byMarker = leaveOutByMarker(files);
    for (const path of files.untracked) this.#sort(path, byName(path) ?? byMarker(path), found);
    const changed = this.#kept.size > afterTracked;
    for (const folder of files.toWalk) {
      const walk = byName(`${folder}/.`) ?? walkFiles(this.#root, folder, (path) => this.#own.get(path));
      if ('reason' in walk) this.#out.set(walk.path, walk);
      else {
        for (const path of walk.paths) this.#sort(path, undefined, found);
        for (const left of walk.leftOut) this.#out.set(left.path, left);
      }
    }
    for (const path of files.ignored) {
      const left = byName(path) ?? { path, reason: 'git-ignored' as const };
      this.#out.set(left.path, left);
    }
    return { paths: before === 0 || found.length > 0 ? found.sort() : [], changed };
  }

  #sort(path: string, left: LeftOut | undefined, found: string[]): void {
    if (left !== undefined) this.#out.set(left.path, left);
    else if (!this.#kept.has(path)) {
      this.#kept.add(path);
      found.push(path);
    }
  }
}

/** Tells of a path whether one of its folders is left out by name; asks once per folder, as paths come sorted. */
function leaveOutByName(
  own: ReadonlyMap<string, LeftOut['reason']>,
  isLeftOut: (name: string) => boolean,
): (path: string) => LeftOut | undefined {
  const known = new Map<string, LeftOut | undefined>([['', undefined]]);
  const ofFolder = (folder: string): LeftOut | undefined => {
    if (known.has(folder)) return known.get(folder);
    const slash = folder.lastIndexOf('/');
    const reason = own.get(folder) ?? (isLeftOut(folder.slice(slash + 1)) ? 'ignored-folder' : undefined);
    const above = ofFolder(slash < 0 ? '' : folder.slice(0, slash));
    const left = above ?? (reason && { path: `${folder}/`, reason });
    known.set(folder, left);
    return left;
  };
  let last = '';
  let verdict: LeftOut | undefined;
  return (path) => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== last) verdict = ofFolder(folder);
    last = folder;
    return verdict;
  };
}

/** The rules that look at what lies in or beside a folder; for untracked files only. */
function leaveOutByMarker(files: GitFiles): (path: string) => LeftOut | undefined {
  const marked = new Set<string>();
  for (const path of files.untracked) {
    const slash = path.lastIndexOf('/');
    if (slash > 0 && FOLDER_MARKERS.includes(path.slice(slash + 1))) marked.add(path.slice(0, slash));
  }
  let all: ReadonlySet<string> | undefined;
  return (path) => {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/');
      const name = parts[i - 1] ?? '';
      const beside = (sibling: string): boolean => {
        all ??= new Set([...files.tracked, ...files.untracked]);
        return all.has([...parts.slice(0, i - 1), sibling].join('/'));
      };
      if (marked.has(folder) || isLeftOutBeside(name, beside))
        return { path: `${folder}/`, reason: 'ignored-folder' };
    }
    return undefined;
  };
}
