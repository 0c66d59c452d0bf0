import { type CodeEntry, entry } from './code-entry.ts';

/** Codes of what gates and of whom it is taken from: files of a policy, baselines, `--trusted`. */
export const POLICY_CODES = {
  SP2060: entry(
    'error',
    'exploited budget without a list',
    'A budget counts exploited findings, and `policy.exploited` names no list of what is exploited.',
  ),
  SP2061: entry(
    'error',
    'not an SPDX licence',
    'A licence list holds single SPDX licences: an id, `LicenseRef-…`, or a licence WITH an exception.',
  ),
  SP2062: entry('error', 'licence both allowed and denied', 'One licence stands in both lists.'),
  SP2063: entry(
    'warning',
    'no baseline yet',
    'The baseline that the policy names is not there, so every finding is new. `secplan baseline create` writes it.',
  ),
  SP2064: entry(
    'error',
    'not granted by the trusted ref',
    'A change under review may not give itself a secret, the network, a delivery or a program: the ref that is trusted does not hold this, or holds it differently. Merge it there first.',
  ),
  SP2065: entry(
    'warning',
    'taken from the trusted ref',
    'The workspace says something else here; under --trusted it is not heard.',
  ),
  SP2066: entry(
    'error',
    'trusted ref not usable',
    'The ref cannot be read from git: no repository, no git, no such commit, or no manifest that is valid there.',
  ),
  SP4010: entry(
    'error',
    'policy input unusable',
    'A baseline, VEX document or list of exploited vulnerabilities cannot be read, is too large, or is not of its format. Nothing is gated on half of it.',
  ),
  SP4011: entry(
    'error',
    'policy input changed',
    'A file that decides what counts is not the one that the plan was made with. Compile the plan again.',
  ),
  SP4012: entry(
    'error',
    'no merge base',
    'The ref and the workspace have no commit in common that git can see. Fetch more history.',
  ),
  SP4013: entry(
    'warning',
    'policy expires soon',
    'A waiver or a VEX document holds for less than thirty more days; `secplan check --at DATE` shows what happens then.',
  ),
  SP4014: entry(
    'error',
    'baseline is there already',
    'Writing it anew makes every finding of the bundle a known one. Say so with --force, or drop what is gone with `baseline prune`.',
  ),
} as const satisfies Record<string, CodeEntry>;
