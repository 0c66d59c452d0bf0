import { execFile } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Where git reads a repository from without that repository's configuration having a say. */
export interface SafeGitDir {
  readonly gitDir: string;
  readonly env: Readonly<Record<string, string>>;
  dispose(): void;
}

/** What the repository's format is and how its file system behaves; all else in a configuration may run programs or hide files. */
const KEPT: ReadonlySet<string> = new Set([
  'core.repositoryformatversion',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
  'core.sparsecheckout',
  'core.sparsecheckoutcone',
  'index.sparse',
  'extensions.objectformat',
  'extensions.refstorage',
]);
const PLAIN_VALUE = /^[a-z0-9]{1,16}$/i;
const MOST_BYTES = 2 ** 20;

/** Sections of which nothing is used when files are listed and objects are read: no program, no file is named by them. */
const HARMLESS_HEADER = /^\[(?:remote|branch|user|gc|submodule)(?: "[\w ./+#@-]*")?\]$/;
const CORE_HEADER = '[core]';
const CORE_LINE = new RegExp(
  `^(?:bare|logallrefupdates|${[...KEPT]
    .filter((key) => key.startsWith('core.'))
    .map((key) => key.slice('core.'.length))
    .join('|')}) = [a-z0-9]{1,16}$`,
  'i',
);
const HARMLESS_LINE = /^[a-z][a-z0-9-]* = [^"\\]*$/i;

/**
 * A git folder whose configuration is the repository's format and nothing else: a filter, an include, an alias, a hook or an
 * excludes file that the repository's own configuration names runs nothing and hides nothing. A plain clone's configuration is
 * read as it stands, since it names none; any other is replaced by one in a temporary folder.
 * @returns a reason where the folder is no git folder
 */
export async function safeGitDir(git: string, dotGit: string): Promise<SafeGitDir | string> {
  const gitDir = realGitDir(dotGit);
  if (gitDir === undefined) return '.git is not a repository';
  const common = commonDir(gitDir);
  if (common === gitDir && !existsSync(join(gitDir, 'config.worktree')) && isPlain(join(gitDir, 'config')))
    return { gitDir, env: {}, dispose: () => undefined };
  const dir = mkdtempSync(join(tmpdir(), 'secplan-git-'));
  try {
    const settings = [join(common, 'config'), join(gitDir, 'config.worktree')];
    const kept = await Promise.all(settings.map((file) => keptSettings(git, file)));
    writeFileSync(join(dir, 'config'), kept.join(''));
    writeFileSync(join(dir, 'HEAD'), smallFile(join(gitDir, 'HEAD')));
    link(common, dir, (name) => ['refs', 'packed-refs', 'reftable', 'shallow'].includes(name));
    // A linked worktree has its own exclusions (info/sparse-checkout) beside its index.
    const info = existsSync(join(gitDir, 'info')) ? gitDir : common;
    link(info, dir, (name) => name === 'info');
    link(gitDir, dir, (name) => name.startsWith('sharedindex.'));
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    return (error as Error).message;
  }
  return {
    gitDir: dir,
    env: { GIT_OBJECT_DIRECTORY: join(common, 'objects'), GIT_INDEX_FILE: join(gitDir, 'index') },
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The folder behind `.git`, which is a file in submodules and linked worktrees, and may be a symbolic link. */
function realGitDir(dotGit: string): string | undefined {
  const stat = statSync(dotGit, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return dotGit;
  if (!stat?.isFile()) return undefined;
  const [, path] = /^gitdir: ([^\n\0]+)\n?$/.exec(smallFile(dotGit)) ?? [];
  return path === undefined ? undefined : resolve(dirname(dotGit), path);
}

function commonDir(gitDir: string): string {
  const file = join(gitDir, 'commondir');
  return existsSync(file) ? resolve(gitDir, smallFile(file).trim()) : gitDir;
}

/** Whether a configuration holds only what every clone has. Anything in a spelling that needs git's own parser is not plain. */
function isPlain(file: string): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (!stat.isFile() || stat.size > MOST_BYTES) return false;
  let header: string | undefined;
  for (const line of readFileSync(file, 'utf8')
    .split('\n')
    .map((text) => text.trim())) {
    if (line === '') continue;
    if (line === CORE_HEADER || HARMLESS_HEADER.test(line)) header = line;
    else if (header === undefined || !(header === CORE_HEADER ? CORE_LINE : HARMLESS_LINE).test(line))
      return false;
  }
  return true;
}

/** What is kept of a configuration, read by git itself: without includes, so that no other file is opened. */
async function keptSettings(git: string, file: string): Promise<string> {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MOST_BYTES) return '';
  const { stdout } = await promisify(execFile)(
    git,
    ['config', '--file', file, '--no-includes', '-z', '--list'],
    {
      env: { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/dev/null', LC_ALL: 'C' },
      cwd: '/',
      maxBuffer: 16 * MOST_BYTES,
      timeout: 10_000,
    },
  );
  const lines = stdout.split('\0').flatMap((entry) => {
    const [key = '', value = 'true'] = entry.split('\n');
    if (!KEPT.has(key) || !PLAIN_VALUE.test(value)) return [];
    const dot = key.indexOf('.');
    return [`[${key.slice(0, dot)}]\n\t${key.slice(dot + 1)} = ${value}\n`];
  });
  return lines.join('');
}

function link(from: string, to: string, wanted: (name: string) => boolean): void {
  for (const name of readdirSync(from)) if (wanted(name)) symlinkSync(join(from, name), join(to, name));
}

/** The text of one of git's own small files. @throws where it is none */
function smallFile(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile() || stat.size > 4096) throw new Error(`${file} is not a file of git`);
  return readFileSync(file, 'utf8');
}
