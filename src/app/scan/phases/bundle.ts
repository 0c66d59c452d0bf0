import { type Outcome, success } from '../../../core/outcome.ts';
import { VERSION } from '../../../core/version.ts';
import { BundleWriter } from '../../../evidence/bundle/bundle-writer.ts';
import type { Summary } from '../../../evidence/bundle/summary.ts';
import { type BundleInput, writeBundle } from '../../../evidence/write-bundle.ts';
import type { StageResult } from '../../../executor/stage-result.ts';
import type { Plan } from '../../../planner/ir/ir.ts';
import { schedule } from '../../../planner/schedule/schedule.ts';
import { reportHtml } from '../../../report/report-html.ts';
import { serviceSpans } from '../../../report/service-spans.ts';
import { timelineSvg } from '../../../report/timeline-svg.ts';
import { machineLimits } from '../../runtime/machine-limits.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Gated } from './gate.ts';
import type { Journal } from './journal.ts';
import type { Planned } from './plan.ts';
import type { Released } from './release.ts';
import type { Ran } from './run.ts';
import type { Runtime } from './runtime.ts';
import type { Secrets } from './secrets.ts';
import type { Workspace } from './workspace.ts';

export interface Bundle {
  /** Of a bundle that is not sealed yet. */
  readonly writer: BundleWriter;
  /** What it was written from. */
  readonly written: BundleInput;
  readonly summary: Summary;
}

type Needs = ScanStart &
  Planned &
  Secrets &
  Workspace &
  Journal &
  Pick<Runtime, 'sandboxed' | 'runtime'> &
  Ran &
  Released &
  Gated;

/** Writes every document but the statements. @throws the file system's errors */
export async function bundle(context: Needs): Promise<Outcome<Bundle>> {
  const { exportDir, journal, redactor, resources } = context;
  const writer = await BundleWriter.open(exportDir, journal.dir, redactor);
  // Of a sealed bundle nothing is left to discard.
  resources.defer(() => writer.discard());
  const written = inputOf(context);
  return success({ writer, written, summary: await writeBundle(writer, written) });
}

function inputOf(context: Needs): BundleInput {
  const { prepared, log, journal, result, inventory, caches, startedAt } = context;
  const { plan, manifest, runtime } = prepared;
  const { serviceLogs, results, sbomMerges, findings, facts, verdict, totalMs } = context;
  return {
    secplan: VERSION,
    plan,
    manifest,
    runtime,
    bundle: journal.bundleId,
    results,
    stored: result.stored,
    serviceLogs,
    sbomMerges,
    findings,
    verdict,
    facts,
    git: inventory.git,
    events: log.events,
    blobs: caches.blobs,
    startedAt,
    totalMs,
    ...(context.runtime.attacks === undefined ? {} : { attacks: context.runtime.attacks }),
    ...(context.sandboxed ? {} : { sandbox: 'off' as const }),
    pages: (draft) => ({
      'report.html': reportHtml(draft, verdict, findings),
      'timeline.svg': timelineSvg(results, {
        makespanMs: totalMs,
        lowerBoundMs: lowerBoundMs(plan, results),
        services: serviceSpans(log.events, totalMs),
      }),
    }),
  };
}

/** The shortest that this run's scanners could have taken on this machine. */
function lowerBoundMs(plan: Plan, results: readonly StageResult[]): number {
  const took = new Map<string, number>(
    results.map((result) => [
      result.stage,
      'timings' in result ? result.timings.endedAt - result.timings.startedAt : 0,
    ]),
  );
  return Math.round(
    schedule(plan, { ...machineLimits(), expectedMs: (stage) => took.get(stage.id) ?? 0 }).lowerBoundMs,
  );
}
