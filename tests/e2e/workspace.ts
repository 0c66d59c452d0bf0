import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CliResult, startCli } from '../support/cli.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of an example in a git repository of its own, with a cache of its own; tools come from the user's store. */
export interface ExampleWorkspace extends Disposable {
  readonly dir: string;
  /** secplan's own cache. */
  readonly cache: string;
  /** Commits everything that lies in the workspace, whatever git ignores. */
  commit(): void;
  /** Runs the installed command line in the workspace. */
  secplan(...args: readonly string[]): Promise<CliResult>;
  /** The same with more in its environment. */
  secplanWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CliResult>;
  /** The sealed bundle that `latest` points to. @throws with what the last run said when there is none */
  latest(): string;
}

/**
 * @param bin another installation of secplan than the one that all tests share
 * @throws when git or the file system fails
 */
export function exampleWorkspace(name: string, bin?: string): ExampleWorkspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-e2e-')));
  const dir = join(base, 'workspace');
  cpSync(join(ROOT, 'manifests/examples', name), dir, {
    recursive: true,
    // What a run in place leaves is no part of the example.
    filter: (path) => !/\/(build|__pycache__)(\/|$)/.test(path.slice(ROOT.length)),
  });
  const identity = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: dir, stdio: 'pipe' });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'Example');
  let last: CliResult | undefined;
  const cache = join(base, 'cache');
  const secplanWith = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const surroundings = { ...process.env, ...env, SECPLAN_CACHE_DIR: cache, NO_COLOR: '1' };
    last = await startCli(args, dir, surroundings, bin).ended;
    return last;
  };
  return {
    dir,
    cache,
    commit: () => {
      git('add', '-A', '-f');
      git('commit', '-q', '-m', 'More');
    },
    secplanWith,
    secplan: (...args) => secplanWith({}, ...args),
    latest: () => {
      const link = join(dir, 'build/security-results/latest');
      if (!existsSync(link)) throw new Error(`no bundle; exit code ${last?.code}: ${last?.stderr}`);
      return realpathSync(link);
    },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Every file below a folder, relative and sorted. */
export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

export function readJson<T = Record<string, unknown>>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}
