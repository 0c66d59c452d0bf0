import { diagnostic } from '../../../core/diagnostic.ts';
import { type Outcome, success } from '../../../core/outcome.ts';
import { attestBundle } from '../../../evidence/attest/attest-bundle.ts';
import type { SignatureState } from '../../../evidence/attest/signature-state.ts';
import type { RunEvent } from '../../../executor/events.ts';
import { signStage } from '../../plan-facts/plan-facts.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Bundle } from './bundle.ts';
import type { Gated } from './gate.ts';
import type { Planned } from './plan.ts';
import type { Secrets } from './secrets.ts';
import type { Signer } from './signer.ts';

export interface Attested {
  readonly signature: SignatureState;
}

/** States what was run and decided, and signs it. One that cannot be signed leaves a bundle that says so: SP6007. */
export async function attest({
  signal,
  log,
  prepared,
  redactor,
  signer,
  totalMs,
  writer,
  written,
  summary,
}: ScanStart & Planned & Secrets & Signer & Gated & Bundle): Promise<Outcome<Attested>> {
  const rekor = signStage(prepared.plan)?.rekor ?? null;
  const signature = await attestBundle(writer, written, summary, { signer, rekor, redactor, signal });
  if (signature.state === 'failed') log.onEvent(signingFailed(signature, totalMs));
  return success({ signature });
}

function signingFailed({ by, why }: Extract<SignatureState, { state: 'failed' }>, at: number): RunEvent {
  const summary = `the bundle is not signed by ${by}: ${why}`;
  const help =
    'The bundle was written without a signature and records this. Run again when signing works; results come from the cache.';
  return { type: 'diagnostic', at, diagnostic: diagnostic('SP6007', summary, { help }) };
}
