import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../core/canonical.ts';
import { diagnostic } from '../core/diagnostic.ts';
import { isToolId } from '../core/ids.ts';
import { isRecord } from '../core/is-record.ts';
import { failed, type Outcome, success } from '../core/outcome.ts';
import { emptyLock, lockedDigest, overlayLock } from './lock.ts';
import { type LockedProvider, TOOLS_LOCK_SCHEMA, type ToolsLock } from './lock-types.ts';
import { isModuleFolder } from './module-folder.ts';

declare const __SECPLAN_LOCK_SHA256__: string | undefined;

export const LOCK_FILE = 'tools.lock.json';
const MAX_BYTES = 20 * 2 ** 20;
const HASHES: Readonly<Record<string, RegExp>> = {
  pypi: /^sha256:[0-9a-f]{64}$/,
  npm: /^sha512-[A-Za-z0-9+/]{86}==$/,
  go: /^h1:[A-Za-z0-9+/]{43}=$/,
  maven: /^sha256:[0-9a-f]{64}$/,
  debian: /^sha256:[0-9a-f]{64}$/,
  release: /^sha256:[0-9a-f]{64}$/,
  image: /^sha256:[0-9a-f]{64}$/,
};
// Names and versions become arguments of installers: none may look like an option, a URL or a path upwards.
const NAME = /^[A-Za-z0-9@][A-Za-z0-9@._+:/~[\]-]{0,213}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+~:!-]{0,127}$/;
const KEYS = new Set([
  ...['kind', 'package', 'version', 'digest', 'packages'],
  ...['platform', 'files', 'fromModule', 'keep', 'backends'],
]);
const PROVIDER = /^[a-z][a-z0-9-]{0,62}$/;

/** Reads and checks one lock file. A file that is not there is `undefined`; a bad one is SP4001. */
export function readLock(path: string): Outcome<ToolsLock | undefined> {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return unusable(path, 'not a file');
    if (stat.size > MAX_BYTES) return unusable(path, `larger than ${MAX_BYTES} bytes`);
    return parseLock(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return success(undefined);
    return unusable(path, (error as Error).message);
  }
}

/** The lock in force: the one beside the manifest over the package's own, tool by tool. SP4001 when either is bad. */
export function readLocks(manifestDir: string, packaged = packagedLockPath()): Outcome<ToolsLock> {
  const base = readLock(packaged);
  if (!base.ok) return base;
  const own = readLock(join(manifestDir, LOCK_FILE));
  if (!own.ok) return own;
  return success(overlayLock(base.value ?? emptyLock(), own.value ?? emptyLock()));
}

/** Where the package's own lock lies: in the nearest folder above this module that holds one beside a package.json. */
export function packagedLockPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const parent = dirname(folder);
    if (statSync(join(folder, 'package.json'), { throwIfNoEntry: false }) || parent === folder) {
      return join(folder, LOCK_FILE);
    }
    folder = parent;
  }
}

/** Checks a lock's text. Every error is reported at once, as SP4001. */
export function parseLock(text: string, file: string): Outcome<ToolsLock> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return unusable(file, (error as Error).message);
  }
  if (wasChecked(text)) return success(value as ToolsLock);
  const problems: string[] = [];
  if (!isRecord(value)) return unusable(file, 'not an object');
  if (value.schema !== TOOLS_LOCK_SCHEMA) problems.push(`schema is not ${TOOLS_LOCK_SCHEMA}`);
  for (const key of Object.keys(value)) {
    if (!['schema', 'tools', 'installers', 'images'].includes(key)) problems.push(`unknown key ${key}`);
  }
  if (!isRecord(value.tools)) problems.push('tools is not an object');
  else {
    for (const [tool, providers] of Object.entries(value.tools)) {
      if (!isToolId(tool) || !isRecord(providers)) problems.push(`tools.${tool} is not a tool`);
      else {
        for (const [name, entry] of Object.entries(providers)) {
          if (!PROVIDER.test(name)) problems.push(`tools.${tool}.${name} is not a provider name`);
          problems.push(...entryProblems(`tools.${tool}.${name}`, entry));
        }
      }
    }
  }
  if (value.installers !== undefined) {
    if (!isRecord(value.installers)) problems.push('installers is not an object');
    else
      for (const [name, entry] of Object.entries(value.installers)) {
        problems.push(...entryProblems(`installers.${name}`, entry));
      }
  }
  if (value.images !== undefined) {
    if (!isRecord(value.images)) problems.push('images is not an object');
    else
      for (const [name, entry] of Object.entries(value.images)) {
        if (!PROVIDER.test(name)) problems.push(`images.${name} is not a name`);
        if (!isRecord(entry) || entry.kind !== 'image') problems.push(`images.${name}.kind is not image`);
        problems.push(...entryProblems(`images.${name}`, entry));
      }
  }
  if (problems.length > 0) return failed(problems.slice(0, 20).map((problem) => bad(file, problem)));
  return success(value as unknown as ToolsLock);
}

/** The package's own lock was checked when the package was built: half a megabyte, to the byte. */
function wasChecked(text: string): boolean {
  return typeof __SECPLAN_LOCK_SHA256__ === 'string' && sha256Hex(text) === __SECPLAN_LOCK_SHA256__;
}

function entryProblems(at: string, entry: unknown): string[] {
  if (!isRecord(entry)) return [`${at} is not an object`];
  const problems: string[] = [];
  const pattern = HASHES[String(entry.kind)];
  if (!pattern) return [`${at}.kind is not one of ${Object.keys(HASHES).join(', ')}`];
  for (const key of Object.keys(entry)) {
    if (!KEYS.has(key)) problems.push(`${at} has the unknown key ${key}`);
  }
  if (!isText(entry.package, NAME)) problems.push(`${at}.package is not a package name`);
  if (!isText(entry.version, VERSION)) problems.push(`${at}.version is not a version`);
  if (!Array.isArray(entry.packages)) return [...problems, `${at}.packages is not a list`];
  if (entry.packages.length === 0 && entry.kind !== 'release') problems.push(`${at}.packages is empty`);
  for (const [index, item] of entry.packages.entries()) {
    if (!isPackage(item, pattern) || (item.source !== undefined && entry.kind !== 'pypi'))
      problems.push(`${at}.packages.${index} is not a package with name, version and hashes`);
  }
  problems.push(...backendProblems(at, entry, pattern));
  if (entry.platform !== undefined && !isTextRecord(entry.platform)) {
    problems.push(`${at}.platform does not map names to text`);
  }
  problems.push(...fileProblems(at, entry), ...moduleProblems(at, entry));
  if (problems.length === 0 && entry.digest !== lockedDigest(entry as unknown as LockedProvider)) {
    problems.push(`${at}.digest is not the digest of the entry`);
  }
  return problems;
}

function isPackage(item: unknown, pattern: RegExp): item is Record<string, unknown> {
  return (
    isRecord(item) &&
    isText(item.name, NAME) &&
    isText(item.version, VERSION) &&
    Array.isArray(item.hashes) &&
    item.hashes.length > 0 &&
    item.hashes.every((hash) => isText(hash, pattern)) &&
    (item.marker === undefined || isText(item.marker, /^[^\n\r\\;#]{1,500}$/)) &&
    (item.source === undefined || item.source === true) &&
    (item.path === undefined || isText(item.path, /^(\/?node_modules\/(@[\w.-]+\/)?[\w.-]+)+$/)) &&
    !String(item.path ?? '').includes('..')
  );
}

/** What is built from source needs pinned back ends to build it, and nothing else has any. */
function backendProblems(at: string, entry: Record<string, unknown>, pattern: RegExp): string[] {
  const { backends, packages } = entry;
  const sources = (packages as unknown[]).some((item) => isRecord(item) && item.source === true);
  if (!sources) return backends === undefined ? [] : [`${at}.backends goes with packages built from source`];
  if (!Array.isArray(backends) || backends.length === 0)
    return [`${at}.backends is missing: some packages are built from source`];
  return backends.every((item) => isPackage(item, pattern) && item.source === undefined)
    ? []
    : [`${at}.backends holds what is not a package with name, version and hashes`];
}

function fileProblems(at: string, entry: Record<string, unknown>): string[] {
  if (entry.kind !== 'release')
    return entry.files === undefined ? [] : [`${at}.files goes with release only`];
  if (!isRecord(entry.files) || Object.keys(entry.files).length === 0)
    return [`${at}.files is not an object`];
  return Object.entries(entry.files)
    .filter(
      ([, file]) =>
        !isRecord(file) ||
        !isText(file.url, /^https:\/\/[^\s]{1,2000}$/) ||
        !isText(file.sha256, /^[0-9a-f]{64}$/) ||
        (file.member !== undefined && !isText(file.member, /^[^\0]{1,500}$/)) ||
        (file.sources !== undefined && !(Number.isSafeInteger(file.sources) && Number(file.sources) > 0)),
    )
    .map(([name]) => `${at}.files.${name} is not an https URL with its sha256`);
}

function moduleProblems(at: string, { kind, fromModule, keep }: Record<string, unknown>): string[] {
  if (fromModule === undefined) return keep === undefined ? [] : [`${at}.keep goes with fromModule only`];
  if (fromModule !== true || kind !== 'go')
    return [`${at}.fromModule goes with go only, and is true or absent`];
  if (keep === undefined) return [];
  return Array.isArray(keep) && keep.length > 0 && keep.every(isModuleFolder)
    ? []
    : [`${at}.keep is not a list of folders of the module`];
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isTextRecord(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((member) => typeof member === 'string');
}

function bad(file: string, detail: string) {
  return diagnostic('SP4001', `${file}: ${detail}`, { help: 'Write it again with `secplan tools lock`.' });
}

function unusable(file: string, detail: string): Outcome<never> {
  return failed([bad(file, detail)]);
}
