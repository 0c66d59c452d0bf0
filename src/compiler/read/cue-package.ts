import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { LIMITS } from '../source/limits.ts';
import { readText } from './read.ts';

const MOST_FILES = 500;

/** White space, comments and attributes may stand before the clause (CUE specification, "Package clause"). */
const CLAUSE = /^\uFEFF?(?:\s|\/\/[^\n]*(?:\n|$)|@[\p{L}\w]+\([^)]*\))*package\s+([\p{L}_$][\p{L}\p{N}_$]*)/u;

/** The package that a CUE file says it belongs to; undefined for none, and for `_`, which is none either. */
export function cuePackageOf(text: string): string | undefined {
  const name = CLAUSE.exec(text)?.[1];
  return name === '_' ? undefined : name;
}

/** Whether CUE reads a file of this name when it reads a folder: no test, no tool, no hidden file. */
export function isCueSource(name: string): boolean {
  return name.endsWith('.cue') && !/^[._]|_(test|tool)\.cue$/.test(name);
}

/**
 * The texts of all files of a CUE manifest's package, by path relative to the workspace, the manifest first: as `cue export`
 * reads them, from its folder and, in a module, from the folders above it up to the module's root. A file of the package
 * outside the workspace is an error (SP2011): without it the manifest would mean something else.
 */
export function readCuePackage(
  workspace: string,
  manifestPath: string,
  text: string,
): Outcome<Readonly<Record<string, string>>> {
  const name = cuePackageOf(text);
  const files: Record<string, string> = { [manifestPath]: text };
  if (name === undefined) return success(files);
  const manifest = join(workspace, manifestPath);
  let bytes = text.length;
  for (const folder of foldersOf(dirname(manifest))) {
    for (const path of cueFilesIn(folder)) {
      if (path === manifest) continue;
      const shown = relative(workspace, path).split(sep).join('/');
      const read = readText(path, shown);
      if (!read.ok) return read;
      if (cuePackageOf(read.value) !== name) continue;
      if (!isInside(workspace, path)) return outside(shown, name);
      bytes += read.value.length;
      files[shown] = read.value;
      if (bytes > LIMITS.bytes || Object.keys(files).length > MOST_FILES) return tooLarge(manifestPath, name);
    }
  }
  return success(files);
}

/** Of these paths, those that may belong to a CUE manifest's package: in its folder and in the folders above. */
export function cueSourcesAround(paths: Iterable<string>, manifestPath: string): readonly string[] {
  const folder = posix.dirname(manifestPath);
  return [...paths].filter((path) => {
    const of = posix.dirname(path);
    return isCueSource(posix.basename(path)) && (of === '.' || of === folder || folder.startsWith(`${of}/`));
  });
}

/** The folder; where a module encloses it, also those above up to the module's root. */
function foldersOf(folder: string): readonly string[] {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    folders.push(at);
    const names = namesIn(at);
    if (names.includes('cue.mod')) return folders;
    if (names.includes('.git') || at === dirname(at)) return [folder];
  }
}

function cueFilesIn(folder: string): readonly string[] {
  return namesIn(folder)
    .filter(isCueSource)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => !isFolder(path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isInside(workspace: string, path: string): boolean {
  try {
    return realpathSync(path).startsWith(workspace.endsWith(sep) ? workspace : workspace + sep);
  } catch {
    return false;
  }
}

function outside(file: string, name: string): Outcome<never> {
  return failed([
    diagnostic(
      'SP2011',
      `${basename(file)} belongs to the manifest's package ${name}, but is outside the workspace`,
      {
        place: { file, line: 1, column: 1 },
        help: 'Name a workspace that contains it with --workspace, or give one of the two another package name.',
      },
    ),
  ]);
}

function tooLarge(file: string, name: string): Outcome<never> {
  return failed([
    diagnostic('SP1003', `the files of package ${name} are too large`, {
      allowed: [`at most ${LIMITS.bytes} bytes in ${MOST_FILES} files`],
      place: { file, line: 1, column: 1 },
    }),
  ]);
}
