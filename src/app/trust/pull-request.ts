/** A change under review, as the CI system tells it. */
export interface PullRequest {
  /** For example `GitHub`. */
  readonly system: string;
  /** Where the commit that it is to be merged into may be found, best first. */
  readonly base: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const ON_BEHALF: ReadonlySet<string> = new Set([
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion_comment',
]);

/** Whether this run is one of a change under review; undefined where no CI system says so. */
export function pullRequestOf(env: Environment): PullRequest | undefined {
  const branch = (name: string | undefined): string[] =>
    name ? [`refs/remotes/origin/${name.replace(/^refs\/heads\//, '')}`] : [];
  const commit = (sha: string | undefined): string[] => (sha && /^[0-9a-f]{40,64}$/.test(sha) ? [sha] : []);
  const said = (value: string | undefined): boolean =>
    value !== undefined && value !== '' && value !== 'false';
  if (env.GITHUB_EVENT_NAME?.startsWith('pull_request'))
    return { system: 'GitHub', base: branch(env.GITHUB_BASE_REF) };
  // A merge queue runs on a branch of the changes that wait, `gh-readonly-queue/BASE/pr-N-SHA`.
  const queue = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-[^/]+$/.exec(env.GITHUB_REF ?? '');
  if (env.GITHUB_EVENT_NAME === 'merge_group') return { system: 'GitHub', base: branch(queue?.[1]) };
  // These run with the base's secrets, mostly on what somebody else proposed.
  if (ON_BEHALF.has(env.GITHUB_EVENT_NAME ?? ''))
    return { system: 'GitHub', base: branch(env.GITHUB_REF_NAME) };
  if (said(env.CI_MERGE_REQUEST_IID)) {
    const base = commit(env.CI_MERGE_REQUEST_DIFF_BASE_SHA);
    return { system: 'GitLab', base: [...branch(env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME), ...base] };
  }
  if (said(env.BITBUCKET_PR_ID)) {
    const base = commit(env.BITBUCKET_PR_DESTINATION_COMMIT);
    return { system: 'Bitbucket', base: [...base, ...branch(env.BITBUCKET_PR_DESTINATION_BRANCH)] };
  }
  if (env.BUILD_REASON === 'PullRequest')
    return { system: 'Azure Pipelines', base: branch(env.SYSTEM_PULLREQUEST_TARGETBRANCH) };
  if (said(env.CHANGE_ID)) return { system: 'Jenkins', base: branch(env.CHANGE_TARGET) };
  if (said(env.BUILDKITE_PULL_REQUEST))
    return { system: 'Buildkite', base: branch(env.BUILDKITE_PULL_REQUEST_BASE_BRANCH) };
  if (said(env.DRONE_PULL_REQUEST)) return { system: 'Drone', base: branch(env.DRONE_TARGET_BRANCH) };
  if (said(env.CI_COMMIT_PULL_REQUEST))
    return { system: 'Woodpecker', base: branch(env.CI_COMMIT_TARGET_BRANCH) };
  if (said(env.TRAVIS_PULL_REQUEST)) return { system: 'Travis', base: branch(env.TRAVIS_BRANCH) };
  if (said(env.CIRCLE_PULL_REQUEST)) return { system: 'CircleCI', base: [] };
  return undefined;
}
