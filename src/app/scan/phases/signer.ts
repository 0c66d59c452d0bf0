import { type Outcome, success } from '../../../core/outcome.ts';
import type { StatementSigner } from '../../../evidence/sign/statement-signer.ts';
import { signStage } from '../../plan-facts/plan-facts.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';
import type { Secrets } from './secrets.ts';

export interface Signer {
  /** Null where the plan asks for no signature. */
  readonly signer: StatementSigner | null;
}

/** Makes ready what signs the evidence. Nothing is signed yet. */
export async function signer({
  env,
  options,
  prepared,
  secrets,
  redactor,
}: ScanStart & Planned & Secrets): Promise<Outcome<Signer>> {
  const sign = signStage(prepared.plan);
  if (sign === undefined) return success({ signer: null });
  // What signs is loaded by a run that is signed.
  const { openSigner } = await import('../../../evidence/sign/open-signer.ts');
  const { workspace } = prepared;
  const opened = openSigner(sign, { secrets, env, workspace, redactor, offline: options.offline });
  return opened.ok ? success({ signer: opened.value }, opened.diagnostics) : opened;
}
