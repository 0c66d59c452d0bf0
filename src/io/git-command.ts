import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import type { Result } from '../core/result.ts';
import { safeGitDir } from './safe-git-dir.ts';

const TIME_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 512 * 2 ** 20;

/** A repository as found from outside: git gets its location, so that it neither discovers nor trusts anything. */
export interface GitPlace {
  /** Absolute path of the git executable. */
  readonly git: string;
  /** The `.git` folder or file. */
  readonly gitDir: string;
  readonly workTree: string;
}

export type GitResult = Result<
  { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string },
  { readonly detail: string }
>;

/**
 * No file-system monitor, no hooks, no submodule, no transport (a partial clone would fetch what is missing through a command
 * that it names): `safeGitDir` keeps the repository's own configuration out, and these hold should it ever let one through.
 */
const HARDENED: readonly string[] = [
  '--no-optional-locks',
  '--literal-pathspecs',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.untrackedCache=keep'].flatMap((s) => [
    '-c',
    s,
  ]),
  ...['submodule.recurse=false', 'status.submoduleSummary=false', 'protocol.allow=never'].flatMap((s) => [
    '-c',
    s,
  ]),
];

/** The first git of PATH that lies outside the workspace; undefined when there is none. */
export function findGit(root: string, path: string | undefined): string | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const candidate = join(folder, 'git');
    try {
      accessSync(candidate, constants.X_OK);
      const real = realpathSync(candidate);
      if (statSync(real).isFile() && !`${real}`.startsWith(root + sep)) return candidate;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** Runs git with these arguments; paths in its output are relative to `cwd`. Never rejects. */
export type RunGit = (cwd: string, args: readonly string[]) => Promise<GitResult>;

/**
 * Lends a git that runs on a repository that is not trusted. Neither the repository's configuration nor the user's or the
 * system's is read: the same files are scanned on every machine, and nothing that the tree brings along runs. What keeps the
 * configuration out is set up once for all that `use` runs.
 */
export async function withGit<T>(place: GitPlace, use: (run: RunGit) => Promise<T>): Promise<T> {
  const safe = await safeGitDir(place.git, place.gitDir);
  if (typeof safe === 'string') return use(async () => ({ ok: false, detail: safe }));
  const argv = [...HARDENED, `--git-dir=${safe.gitDir}`, `--work-tree=${place.workTree}`];
  const env = { ...gitEnvironment(place.git), ...safe.env };
  try {
    return await use((cwd, args) => collect(place.git, [...argv, ...args], cwd, env));
  } finally {
    safe.dispose();
  }
}

/** Runs git once, as `withGit` does. */
export function runGit(place: GitPlace, cwd: string, args: readonly string[]): Promise<GitResult> {
  return withGit(place, (run) => run(cwd, args));
}

function collect(
  git: string,
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<GitResult> {
  return new Promise((resolve) => {
    const child = spawn(git, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      child.kill('SIGKILL');
    };
    // A FIFO named .gitignore would hold git for ever.
    const timer = setTimeout(() => stop(`no answer in ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT_BYTES) stop('too much output');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 4096) stderr += chunk.toString('utf8');
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ ok: false, detail: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === null) resolve({ ok: false, detail: stopped ?? `git was ended by ${signal}` });
      else resolve({ ok: true, exitCode: code, stdout: Buffer.concat(out), stderr });
    });
  });
}

function gitEnvironment(git: string): Record<string, string> {
  return {
    PATH: dirname(git),
    // A folder that cannot be: `~/…` in a repository's configuration expands to nothing that exists.
    HOME: '/dev/null',
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}
