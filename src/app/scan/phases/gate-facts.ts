import type { Finding } from '../../../core/finding.ts';
import { type Outcome, success } from '../../../core/outcome.ts';
import type { GateFacts as FactsOfFindings } from '../../../policy/gate-facts.ts';
import { changedSince } from '../../gate/changed-since.ts';
import { formerFingerprints } from '../../gate/former-fingerprints.ts';
import { movedSinceBaseline } from '../../gate/moved-since-baseline.ts';
import { gateFacts as factsOf, readPolicyInputs } from '../../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../../policy-inputs/workspace-files.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';

export interface GateFacts {
  /** What the gate knows of these findings besides the policy. */
  readonly gateFacts: (findings: readonly Finding[]) => FactsOfFindings;
}

/** Reads what the policy and `--changed-since` name: SP4010, SP4011, SP4012, SP9001. */
export async function gateFacts({ options, prepared }: ScanStart & Planned): Promise<Outcome<GateFacts>> {
  const { plan, workspace, policyFiles } = prepared;
  const inputs = readPolicyInputs(plan.policy, policyFiles);
  if (!inputs.ok) return inputs;
  const { changedSince: ref } = options;
  const since =
    ref === undefined ? undefined : await changedSince(ref, plan, workspace, workspaceFiles(workspace));
  if (since !== undefined && !since.ok) return since;
  const moved =
    since?.value.moved ?? (await movedSinceBaseline(workspace, plan.policy.baseline, options.trusted));
  return success({
    gateFacts: (findings) => {
      const formerly = formerFingerprints(plan, workspace, findings, moved);
      return {
        ...factsOf(inputs.value, findings, since?.value.of(findings) ?? null),
        ...(Object.keys(formerly).length === 0 ? {} : { formerly }),
      };
    },
  });
}
