import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { digestOf } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { LIMITS } from '../source/limits.ts';
import type { PathFact, WorkspaceFacts } from '../source/workspace-facts.ts';

/** Names that are looked for, in this order. */
export const MANIFEST_NAMES = ['secplan.cue', 'secplan.yaml', 'secplan.yml', 'secplan.json'] as const;

/** Of a baseline or VEX document. */
export const MAX_POLICY_FILE_BYTES = 64 * 2 ** 20;

export type Language = 'cue' | 'yaml' | 'json';

export interface ManifestSource {
  /** Relative to the workspace, with `/`: what diagnostics name. */
  readonly manifestPath: string;
  /** Absolute, symbolic links resolved. */
  readonly workspace: string;
  readonly language: Language;
  /** Without a byte order mark. */
  readonly text: string;
}

export interface ReadRequest {
  /** Relative to `cwd`; absent: found. */
  readonly manifestPath?: string | undefined;
  readonly cwd: string;
  /** `--workspace DIR`, relative to `cwd`; default: the manifest's folder. */
  readonly workspace?: string | undefined;
}

/** The absolute folder that `--workspace` names, else `cwd`; SP1001 where it is none. */
export function readWorkspace({ cwd, workspace }: Pick<ReadRequest, 'cwd' | 'workspace'>): Outcome<string> {
  const folder = resolve(cwd, workspace ?? '');
  if (isFolder(folder)) return success(folder);
  return failed([
    diagnostic('SP1001', `workspace is not a folder: ${workspace ?? cwd}`, {
      help: 'Name an existing folder with --workspace, or leave it out: then it is the folder of the manifest.',
    }),
  ]);
}

/** Finds and reads the manifest: SP1001, SP1002, SP1003, SP1010, SP2011. */
export function readManifest(request: ReadRequest): Outcome<ManifestSource> {
  const found = request.manifestPath
    ? success(resolve(request.cwd, request.manifestPath))
    : findManifest(request.cwd);
  if (!found.ok) return found;
  const path = found.value;
  const folder = resolve(request.cwd, request.workspace ?? dirname(path));
  let workspace: string;
  try {
    workspace = realpathSync(folder);
    if (!statSync(workspace).isDirectory()) throw new Error('not a folder');
  } catch {
    const missing = request.workspace === undefined ? 'manifest not found' : 'workspace is not a folder';
    return failed([diagnostic('SP1001', `${missing}: ${request.workspace ?? request.manifestPath ?? path}`)]);
  }
  const manifestPath = relativeName(workspace, path);
  const language = languageOf(path);
  if (language === undefined) {
    return unreadable(manifestPath, 'a manifest is named *.cue, *.yaml, *.yml or *.json');
  }
  const text = readText(path, manifestPath);
  return text.ok ? success({ manifestPath, workspace, language, text: text.value }) : text;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function relativeName(workspace: string, path: string): string {
  let real = path;
  try {
    real = join(realpathSync(dirname(path)), basename(path));
  } catch {
    // The file is reported as missing by whoever reads it.
  }
  return relative(workspace, real).split(sep).join('/');
}

function languageOf(path: string): Language | undefined {
  if (path.endsWith('.json')) return 'json';
  if (path.endsWith('.cue')) return 'cue';
  return path.endsWith('.yaml') || path.endsWith('.yml') ? 'yaml' : undefined;
}

/** The working folder, then each parent up to the git root; only the working folder where there is no repository. */
function findManifest(cwd: string): Outcome<string> {
  const root = gitRoot(cwd) ?? resolve(cwd);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const names = namesIn(folder);
    const [first, second] = MANIFEST_NAMES.filter((name) => names.has(name));
    if (first !== undefined && second !== undefined) {
      return failed([
        diagnostic('SP1002', `${first} and ${second} are in the same folder`, {
          help: 'Keep one of them, or name it with --manifest.',
          place: { file: second, line: 1, column: 1 },
        }),
      ]);
    }
    if (first !== undefined) return insideOf(root, join(folder, first));
    if (folder === root || folder === dirname(folder)) break;
  }
  return failed([
    diagnostic('SP1001', `none of ${MANIFEST_NAMES.join(', ')} between the working folder and the git root`, {
      help: 'Run `secplan init` to write one, or name one with --manifest.',
    }),
  ]);
}

/** A manifest that was found, not named, may be a link, but not to outside of the repository. */
function insideOf(root: string, path: string): Outcome<string> {
  try {
    const real = realpathSync(path);
    const top = realpathSync(root);
    if (real === top || real.startsWith(top.endsWith(sep) ? top : top + sep)) return success(path);
  } catch {
    return unreadable(basename(path), 'it cannot be opened');
  }
  return failed([diagnostic('SP2011', `${basename(path)} is a link to a file outside the repository`)]);
}

function gitRoot(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (namesIn(folder).has('.git')) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function namesIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return new Set();
  }
}

/** Reads a regular file of at most 5 MB as UTF-8; a FIFO or a device is refused without waiting for it. */
export function readText(path: string, file: string): Outcome<string> {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return failed([
        diagnostic('SP1001', `file not found: ${file}`, { help: 'Run `secplan init` to write one.' }),
      ]);
    }
    return unreadable(file, 'it cannot be opened');
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) return unreadable(file, 'it is not a regular file');
    if (facts.size > LIMITS.bytes) return tooLarge(file, facts.size);
    const bytes = Buffer.alloc(facts.size + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(fd, bytes, length, bytes.length - length, null);
    }
    if (length > facts.size) return unreadable(file, 'it changed while secplan read it');
    return success(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)));
  } catch (error) {
    const encoding = error instanceof TypeError;
    return unreadable(file, encoding ? 'it is not valid UTF-8' : 'it cannot be read');
  } finally {
    closeSync(fd);
  }
}

function tooLarge(file: string, size: number): Outcome<never> {
  return failed([
    diagnostic('SP1003', `manifest of ${size} bytes`, {
      allowed: [`at most ${LIMITS.bytes} bytes`],
      place: { file, line: 1, column: 1 },
    }),
  ]);
}

function unreadable(file: string, why: string): Outcome<never> {
  const found: Diagnostic = diagnostic('SP1010', `manifest unreadable: ${why}`, {
    place: { file, line: 1, column: 1 },
  });
  return failed([found]);
}

/** Looks paths of the manifest up in a workspace, through symbolic links. */
export function readWorkspaceFacts(workspace: string): WorkspaceFacts {
  const root = realpathSync(workspace);
  return {
    lookup(path): PathFact {
      try {
        const real = realpathSync(join(root, path));
        if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) return 'outside';
        const facts = statSync(real);
        return facts.isDirectory() ? 'folder' : facts.isFile() ? 'file' : 'other';
      } catch {
        return 'missing';
      }
    },
    text: (path) => readText(join(root, path), path),
    digest(path) {
      try {
        const real = realpathSync(join(root, path));
        if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
        const facts = statSync(real);
        return facts.isFile() && facts.size <= MAX_POLICY_FILE_BYTES
          ? digestOf(readFileSync(real))
          : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
