import { effectiveBudgets } from '../compiler/effective-budgets.ts';
import { type Outcome, success } from '../core/outcome.ts';
import { type BundleContent, readBundle } from '../evidence/read-bundle.ts';
import { decideVerdict, type Verdict } from '../policy/verdict.ts';
import { findBundle } from './find-bundle.ts';
import { readPolicyFile } from './read-policy-file.ts';

export interface CheckRequest {
  /** Absolute. */
  readonly cwd: string;
  /** Path, id or `latest`. */
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
  /** Budgets of a file instead of the plan's. */
  readonly policy?: string | undefined;
  /** Milliseconds since the epoch at which waivers are judged. */
  readonly at: number;
}

export interface Checked {
  readonly bundle: BundleContent;
  readonly verdict: Verdict;
}

/** Gates a sealed bundle again, without scanning: SP6001, SP6002, SP3006, or what the policy file has. */
export async function checkBundle(request: CheckRequest): Promise<Outcome<Checked>> {
  const bundle = await readBundle(await findBundle(request.cwd, request.bundle, request.exportDir));
  if (!bundle.ok) return bundle;
  const { plan, findings, verdict: before } = bundle.value;
  let { policy } = plan;
  if (request.policy !== undefined) {
    const override = await readPolicyFile(request.cwd, request.policy);
    if (!override.ok) return override;
    const budgets = effectiveBudgets(
      { apiVersion: 'secplan/v1', metadata: { name: plan.name } },
      [],
      override.value,
    );
    policy = { ...policy, budgets };
  }
  const verdict = decideVerdict({
    policy,
    coverage: before.coverage,
    findings,
    at: request.at,
    elapsedMs: null,
  });
  return success({ bundle: bundle.value, verdict });
}
