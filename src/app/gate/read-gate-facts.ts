import type { Finding } from '../../core/finding.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import type { GateFacts } from '../../policy/gate-facts.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { gateFacts, readPolicyInputs } from '../policy-inputs/read-policy-inputs.ts';
import { workspaceFiles } from '../policy-inputs/workspace-files.ts';
import type { PreparedScan } from '../prepare/prepare-scan.ts';
import { changedSince } from './changed-since.ts';

/** Reads what the policy and `--changed-since` name, before anything is started: SP4010, SP4011, SP4012, SP9001. */
export async function readGateFacts(
  options: Pick<ScanOptions, 'changedSince'>,
  { plan, workspace, policyFiles }: Pick<PreparedScan, 'plan' | 'workspace' | 'policyFiles'>,
): Promise<Outcome<(findings: readonly Finding[]) => GateFacts>> {
  const inputs = readPolicyInputs(plan.policy, policyFiles);
  if (!inputs.ok) return inputs;
  const { changedSince: ref } = options;
  const since =
    ref === undefined ? undefined : await changedSince(ref, plan, workspace, workspaceFiles(workspace));
  if (since !== undefined && !since.ok) return since;
  return success((findings) => gateFacts(inputs.value, findings, since?.value(findings) ?? null));
}
