import type { Diagnostic } from '../../core/diagnostic.ts';
import { isOfMachine } from '../../core/is-of-machine.ts';
import { systemClock } from '../../io/clock.ts';
import type { ParsedScanRequest, ScanOutcome } from '../contract/scan-types.ts';
import { deliveryExit } from '../deliver/delivery-exit.ts';
import { withResources } from './frame/resources.ts';
import { openRunLog } from './frame/run-log.ts';
import type { Attested } from './phases/attest.ts';
import type { Delivered } from './phases/deliver.ts';
import type { Gated } from './phases/gate.ts';
import { PHASES } from './phases/phases.ts';
import { storageDiagnostic } from './storage-diagnostic.ts';

const INTERRUPTED_EXIT = 130;

/**
 * Compiles, runs, gates and leaves a bundle: the phases of `phases/phases.ts`. What the command line, the service and
 * the adapters all call, each with options that it has parsed.
 * @throws only bugs
 */
export async function scanWorkspace(request: ParsedScanRequest): Promise<ScanOutcome> {
  const { cwd, env, signal, now, options } = request;
  const log = openRunLog(request.onEvent, systemClock);
  const { diagnostics } = log;
  try {
    return await withResources(async (resources) => {
      const ended = await PHASES.run({ cwd, env, signal, now, options, log, resources }, log.tell);
      if (!ended.ok) {
        return 'interrupted' in ended
          ? { exitCode: INTERRUPTED_EXIT, diagnostics }
          : stopped([...diagnostics, ...ended.diagnostics]);
      }
      const { prepared, handedOn, ...finished } = ended.value;
      const { verdict, summary, signature, findings, results, bundleDir } = finished;
      const { plan, workspace } = prepared;
      const delivery = handedOn.reports;
      return {
        exitCode: exitCodeOf(ended.value),
        diagnostics,
        scan: { plan, verdict, summary, signature, delivery, findings, results, bundleDir, workspace },
      };
    });
  } catch (error) {
    const full = storageDiagnostic(error);
    if (full === undefined) throw error;
    return stopped([...diagnostics, full]);
  }
}

function stopped(diagnostics: readonly Diagnostic[]): ScanOutcome {
  return { exitCode: isOfMachine(diagnostics) ? 3 : 2, diagnostics };
}

function exitCodeOf({
  verdict,
  signature,
  handedOn,
  deliveryInterrupted,
}: Gated & Attested & Delivered): number {
  if (deliveryInterrupted) return INTERRUPTED_EXIT;
  const signed = signature.state === 'failed' ? withoutSignature(verdict.exitCode) : verdict.exitCode;
  return deliveryExit(signed, handedOn);
}

/** Infrastructure stands for all but a failed policy (spec section 5): nobody takes an unsigned bundle for a signed one. */
function withoutSignature(exitCode: number): number {
  return exitCode === 1 ? 1 : 3;
}
