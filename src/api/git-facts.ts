import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import type { GitFacts } from '../delivery/delivery-types.ts';
import { findGit } from '../executor/inventory/git-command.ts';

type Env = Readonly<Record<string, string | undefined>>;
const REF = /^refs\/(?:heads|tags|pull)\/[^\s~^:?*[\\]{1,250}$/;
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;

/** Commit, ref and repository of a bundle: what CI says of it, else what git says of the workspace as it stands now. */
export async function gitFacts(workspace: string, sha: string | null, env: Env): Promise<GitFacts> {
  const repository = REPOSITORY.test(env.GITHUB_REPOSITORY ?? '') ? (env.GITHUB_REPOSITORY ?? null) : null;
  if (sha === null) return { sha, ref: null, repository };
  const said = env.GITHUB_REF ?? '';
  if (REF.test(said)) return { sha, ref: said, repository };
  const git = findGit(workspace, env.PATH);
  if (git === undefined) return { sha, ref: null, repository };
  const ask = async (...args: string[]): Promise<string> =>
    promisify(execFile)(
      git,
      [
        '-c',
        'core.fsmonitor=false',
        '-c',
        'core.hooksPath=/dev/null',
        '-C',
        realpathSync(workspace),
        ...args,
      ],
      {
        env: { PATH: env.PATH ?? '', GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent' },
        timeout: 10_000,
        maxBuffer: 1 << 16,
      },
    ).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
  // A branch that has moved on since is not where the bundle's commit was.
  if ((await ask('rev-parse', '--verify', 'HEAD')) !== sha) return { sha, ref: null, repository };
  const ref = await ask('symbolic-ref', '-q', 'HEAD');
  return { sha, ref: REF.test(ref) ? ref : null, repository };
}
