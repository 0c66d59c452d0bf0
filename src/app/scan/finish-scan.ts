import { join } from 'node:path';
import { diagnostic } from '../../core/diagnostic.ts';
import { VERSION } from '../../core/version.ts';
import { attestBundle } from '../../evidence/attest/attest-bundle.ts';
import type { SignatureState } from '../../evidence/attest/signature-state.ts';
import { auditLicenses, readSbomsOf } from '../../evidence/audit-licenses.ts';
import { BundleWriter } from '../../evidence/bundle/bundle-writer.ts';
import { placeSboms } from '../../evidence/sbom/place-sboms.ts';
import { type BundleInput, writeBundle } from '../../evidence/write-bundle.ts';
import type { RunResult } from '../../executor/engine/run-plan.ts';
import type { RunEvent } from '../../executor/events.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { schedule } from '../../planner/schedule/schedule.ts';
import { coverageOf, type WorkspaceCoverage } from '../../policy/coverage.ts';
import { mergeFindings } from '../../policy/merge-findings.ts';
import { decideVerdict } from '../../policy/verdict.ts';
import { reportHtml } from '../../report/report-html.ts';
import { serviceSpans } from '../../report/service-spans.ts';
import { timelineSvg } from '../../report/timeline-svg.ts';
import type { ScanOutcome } from '../contract/scan-types.ts';
import { signStage } from '../plan-facts/plan-facts.ts';
import type { ServiceLogs } from './open-stack.ts';
import { machineLimits, type Run, type Scene } from './scene.ts';

/** Leaving these out is by rule; all other reasons are about single files that someone should look at. */
const BY_RULE: ReadonlySet<string> = new Set(['git-ignored', 'ignored-folder', 'export-folder']);
const MOST_EXAMPLES = 50;

/** Merges, gates and seals. @throws the file system's errors, after the unfinished bundle was removed */
export async function finishScan(
  scene: Scene,
  run: Run,
  result: RunResult,
  serviceLogs: ServiceLogs,
): Promise<ScanOutcome> {
  const { redactor, signer } = scene;
  const { prepared, onEvent, events } = run;
  const { plan } = prepared;
  const { results, merges } = placeSboms(plan, result.results);
  const { licenses } = plan.policy;
  const audit =
    licenses === undefined
      ? undefined
      : auditLicenses(licenses, await readSbomsOf(plan, results, scene.caches.blobs));
  const findings = mergeFindings([
    ...results.flatMap((item) => (item.state === 'done' ? item.findings : [])),
    ...(audit?.findings ?? []),
  ]);
  const totalMs = Math.round(result.timings.endedAt - result.timings.startedAt);
  const coverage = coverageOf(plan, results, workspaceCoverage(scene), {
    targetsWithoutStage: prepared.idleTargets,
    further: audit === undefined ? [] : [audit.entry],
  });
  const facts = scene.gateFacts(findings);
  const verdict = decideVerdict({
    policy: plan.policy,
    coverage,
    findings,
    facts,
    at: scene.startedAt,
    elapsedMs: totalMs,
  });
  onEvent({ type: 'run-finished', at: totalMs, verdict: verdict.outcome, exitCode: verdict.exitCode });
  const writer = await BundleWriter.open(scene.exportDir, scene.journal.dir, redactor);
  try {
    const input: BundleInput = {
      secplan: VERSION,
      plan,
      manifest: prepared.manifest,
      runtime: prepared.runtime,
      bundle: scene.journal.bundleId,
      results,
      stored: result.stored,
      serviceLogs,
      sbomMerges: merges,
      findings,
      verdict,
      facts,
      git: scene.inventory.git,
      events,
      blobs: scene.caches.blobs,
      startedAt: scene.startedAt,
      totalMs,
      pages: (draft) => ({
        'report.html': reportHtml(draft, verdict, findings),
        'timeline.svg': timelineSvg(results, {
          makespanMs: totalMs,
          lowerBoundMs: lowerBoundMs(plan, results),
          services: serviceSpans(events, totalMs),
        }),
      }),
    };
    const summary = await writeBundle(writer, input);
    const { signal } = run.request;
    const rekor = signStage(plan)?.rekor ?? null;
    const signature = await attestBundle(writer, input, summary, { signer, rekor, redactor, signal });
    if (signature.state === 'failed') onEvent(signingFailed(signature, totalMs));
    const id = await writer.seal(scene.journal.bundleId);
    return {
      exitCode: signature.state === 'failed' ? withoutSignature(verdict.exitCode) : verdict.exitCode,
      diagnostics: run.diagnostics,
      scan: {
        signature,
        delivery: [],
        plan,
        verdict,
        summary,
        findings,
        results,
        bundleDir: join(scene.exportDir, id),
        workspace: prepared.workspace,
      },
    };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Infrastructure stands for all but a failed policy (spec section 5): nobody takes an unsigned bundle for a signed one. */
function withoutSignature(exitCode: number): number {
  return exitCode === 1 ? 1 : 3;
}

function signingFailed({ by, why }: Extract<SignatureState, { state: 'failed' }>, at: number): RunEvent {
  const summary = `the bundle is not signed by ${by}: ${why}`;
  const help =
    'The bundle was written without a signature and records this. Run again when signing works; results come from the cache.';
  return { type: 'diagnostic', at, diagnostic: diagnostic('SP6007', summary, { help }) };
}

/** The shortest that this run's scanners could have taken on this machine. */
export function lowerBoundMs(plan: Plan, results: readonly StageResult[]): number {
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

function workspaceCoverage({ inventory }: Scene): WorkspaceCoverage {
  const leftOut: Record<string, number> = {};
  for (const { reason } of inventory.leftOut) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  return {
    files: inventory.files.length,
    leftOut,
    examples: inventory.leftOut
      .filter(({ reason }) => !BY_RULE.has(reason))
      .slice(0, MOST_EXAMPLES)
      .map(({ path, reason }) => `${path} (${reason})`),
  };
}
