import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of addresses, and of what gates and of whom it is taken from: files of a policy, baselines, `--trusted`. */
export const POLICY_CODES = {
  SP2021: entry(
    'error',
    'variable in an address',
    'An image reference or URL contains a variable such as $NAME. secplan fills in no variables: write the address itself.',
  ),
  SP2060: entry(
    'error',
    'exploited budget without a list',
    'A budget counts exploited findings, but `policy.exploited` names no list of exploited vulnerabilities.',
  ),
  SP2061: entry(
    'error',
    'not an SPDX licence',
    'Each entry of a licence list is a single SPDX licence: an id, `LicenseRef-…`, or a licence WITH an exception.',
  ),
  SP2062: entry('error', 'licence both allowed and denied', 'The same licence is in both lists.'),
  SP2063: entry(
    'warning',
    'no baseline yet',
    'The baseline that the policy names does not exist, so every finding counts as new. `secplan baseline create` writes it.',
  ),
  SP2064: entry(
    'error',
    'not granted by the trusted ref',
    'A change under review may not give itself a secret, the network, a delivery or a program: the trusted ref does not contain this setting, or contains a different one. Merge it there first.',
  ),
  SP2065: entry(
    'warning',
    'taken from the trusted ref',
    'Ignored: --trusted takes this setting from the trusted ref.',
  ),
  SP2066: entry(
    'error',
    'trusted ref not usable',
    'The ref cannot be read from git: no repository, no git, no such commit, or no valid manifest at that ref.',
  ),
  SP2071: entry(
    'warning',
    'own policy in a pull request',
    'A pull request that changes budgets, waivers or other rules passes or fails by its own changes. With --trusted REF the policy of the base decides.',
  ),
  SP2067: entry(
    'error',
    'workspace not trusted',
    'The scanned tree is data: a secret, network access, a delivery, a cache folder, a disabled sandbox or a program that uses one of them counts only in a workspace that you have trusted. Read what the message names, then run `secplan trust`; any later change asks again. In CI pass --trust-workspace for a checkout that you trust, or --trusted REF to take these settings from a git ref. docs/reference/trust.md states the rule.',
  ),
  SP2068: entry(
    'warning',
    'a run needs trust',
    'This command only shows what a run would do. `secplan run` refuses these settings until you run `secplan trust`.',
  ),
  SP2069: entry(
    'warning',
    'tools.lock.json not used',
    "The tools.lock.json of the scanned tree names other packages, versions or hashes than secplan's own lock, and nobody trusted them. secplan installs what its own lock pins, or that of the trusted ref. Run `secplan trust` to use the file.",
  ),
  SP2070: entry(
    'error',
    'trust not stored',
    'secplan stores what you trust below $XDG_CONFIG_HOME, else ~/.config: in a folder of your own that is outside the workspace and that others cannot write to. It cannot store trust in a program whose folder holds too many files to check.',
  ),
  SP2074: entry(
    'error',
    'unknown language',
    '`policy.coverage.languages` takes the names that docs/reference/coverage.md lists, for example Ruby or C++; upper and lower case are alike.',
  ),
  SP4010: entry(
    'error',
    'policy input unusable',
    'A baseline, VEX document or list of exploited vulnerabilities cannot be read, is too large, or has the wrong format. secplan does not compute a verdict from part of it.',
  ),
  SP4011: entry(
    'error',
    'policy input changed',
    'A policy file differs from the one that the plan was compiled with. Compile the plan again.',
  ),
  SP4012: entry(
    'error',
    'no merge base',
    'git finds no common ancestor of the ref and the workspace. Fetch more history.',
  ),
  SP4013: entry(
    'warning',
    'policy expires soon',
    'A waiver or a VEX document expires in less than thirty days. `secplan check --at DATE` shows what changes then.',
  ),
  SP4014: entry(
    'error',
    'baseline already exists',
    'Overwriting it would mark every finding of the bundle as known. Pass --force to do that, or remove outdated entries with `secplan baseline prune`.',
  ),
} as const satisfies Record<string, CodeEntry>;
