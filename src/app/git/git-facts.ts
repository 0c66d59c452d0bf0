import { realpathSync } from 'node:fs';
import type { GitFacts } from '../../delivery/shared/delivery-types.ts';
import { findRepository, prefixIn } from '../../io/find-repository.ts';
import { type GitPlace, runGit } from '../../io/git-command.ts';

type Env = Readonly<Record<string, string | undefined>>;
const REF = /^refs\/(?:heads|tags|pull)\/[^\s~^:?*[\\]{1,250}$/;
const TAG = 'refs/tags/';
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;

/**
 * Commit, ref, tags and repository of a bundle: what the caller or CI says of it, else what git says of the workspace
 * as it stands now. Where no branch is checked out, as in CI on a tag, the commit's tags are what is built.
 */
export async function gitFacts(
  workspace: string,
  sha: string | null,
  env: Env,
  tag?: string,
): Promise<GitFacts> {
  const root = realpathSync(workspace);
  const found = findRepository(root, env.PATH);
  const ask = found.ok ? asker(found.place, root) : undefined;
  // Code hosts name files from the root of the repository.
  const prefix = found.ok ? prefixIn(found.place, root) : '';
  return { ...(await refFacts(ask, sha, env, tag)), ...(prefix === '' ? {} : { prefix }) };
}

/** Asks git; an empty text where it has no answer. */
type AskGit = (...args: string[]) => Promise<string>;

function asker(place: GitPlace, root: string): AskGit {
  return async (...args) => {
    const answer = await runGit(place, root, args);
    return answer.ok && answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : '';
  };
}

/** @param ask undefined without git or a repository */
async function refFacts(
  ask: AskGit | undefined,
  sha: string | null,
  env: Env,
  tag: string | undefined,
): Promise<GitFacts> {
  const named = env.GITHUB_REPOSITORY ?? '';
  const repository = REPOSITORY.test(named) ? named : null;
  const said = env.GITHUB_REF ?? '';
  const asked = tag === undefined ? undefined : [tag];
  if (sha === null) return { sha, ref: null, repository, tags: asked ?? tagsOf(said) };
  if (REF.test(said)) return { sha, ref: said, repository, tags: asked ?? tagsOf(said) };
  // A branch that has moved on since is not where the bundle's commit was.
  if (ask === undefined || (await ask('rev-parse', '--verify', 'HEAD')) !== sha)
    return { sha, ref: null, repository, tags: asked ?? [] };
  const branch = await ask('symbolic-ref', '-q', 'HEAD');
  if (REF.test(branch)) return { sha, ref: branch, repository, tags: asked ?? [] };
  const found = await ask('tag', '--points-at', 'HEAD');
  const tags = asked ?? found.split('\n').filter((name) => isTag(name));
  return { sha, ref: tags.length === 1 ? `${TAG}${tags[0]}` : null, repository, tags };
}

/** Whether a text can be the name of a tag. */
export function isTag(name: string): boolean {
  return REF.test(`${TAG}${name}`) && !/(?:^|\/)\.|\.\.|\/\/|\/$|^-/.test(name);
}

function tagsOf(ref: string): readonly string[] {
  return REF.test(ref) && ref.startsWith(TAG) ? [ref.slice(TAG.length)] : [];
}
