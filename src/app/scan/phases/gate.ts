import type { Finding } from '../../../core/finding.ts';
import { type Outcome, success } from '../../../core/outcome.ts';
import { redactedDeep } from '../../../delivery/shared/redacted-deep.ts';
import { auditLicenses, readSbomsOf } from '../../../evidence/audit-licenses.ts';
import { ownProducts } from '../../../evidence/own-products.ts';
import { placeSboms } from '../../../evidence/sbom/place-sboms.ts';
import type { StageResult } from '../../../executor/stage-result.ts';
import { coverageOf } from '../../../policy/coverage.ts';
import type { GateFacts as FactsOfFindings } from '../../../policy/gate-facts.ts';
import { mergeFindings } from '../../../policy/merge-findings.ts';
import { decideVerdict, type Verdict } from '../../../policy/verdict.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import { redactPaths } from '../../gate/redact-paths.ts';
import { workspaceCoverage } from '../../gate/workspace-coverage.ts';
import { givenFiles } from '../../languages/given-files.ts';
import { languageCoverage } from '../../languages/language-coverage.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { GateFacts } from './gate-facts.ts';
import type { Planned } from './plan.ts';
import type { Ran } from './run.ts';
import type { Secrets } from './secrets.ts';
import type { Workspace } from './workspace.ts';

export interface Gated {
  readonly results: readonly StageResult[];
  readonly sbomMerges: ReturnType<typeof placeSboms>['merges'];
  /** Merged, worst first. */
  readonly findings: readonly Finding[];
  readonly facts: FactsOfFindings;
  readonly verdict: Verdict;
  /** Milliseconds that the run took. */
  readonly totalMs: number;
}

/** Merges what the scanners found and holds it against the policy. */
export async function gate({
  log,
  prepared,
  gateFacts,
  startedAt,
  caches,
  inventory,
  result,
  redactor,
}: ScanStart & Planned & Secrets & GateFacts & Workspace & Ran): Promise<Outcome<Gated>> {
  const { plan, idleTargets } = prepared;
  const { results, merges } = placeSboms(plan, result.results);
  const { licenses, vex } = plan.policy;
  const sboms =
    licenses === undefined && vex === undefined ? [] : await readSbomsOf(plan, results, caches.blobs);
  const audit = licenses === undefined ? undefined : auditLicenses(licenses, sboms);
  const findings = mergeFindings([
    ...results.flatMap((item) => (item.state === 'done' ? item.findings : [])),
    ...(audit?.findings ?? []),
  ]);
  const totalMs = Math.round(result.timings.endedAt - result.timings.startedAt);
  const coverage = coverageOf(plan, results, workspaceCoverage(inventory), {
    targetsWithoutStage: idleTargets,
    further: audit === undefined ? [] : [audit.entry],
    languages: languageCoverage({
      plan,
      inventory,
      catalogue,
      given: await givenFiles(plan, results, inventory),
    }),
  });
  const facts = {
    ...gateFacts(findings),
    ...(vex === undefined ? {} : { products: ownProducts(plan, sboms) }),
  };
  const { policy } = plan;
  const verdict = decideVerdict({ policy, coverage, findings, facts, at: startedAt, elapsedMs: totalMs });
  log.onEvent({ type: 'run-finished', at: totalMs, verdict: verdict.outcome, exitCode: verdict.exitCode });
  const clean = redactPaths(redactor);
  return success({
    results: clean.results(results),
    sbomMerges: merges,
    findings: clean.findings(findings),
    facts,
    verdict: redactedDeep(verdict, (text) => redactor.text(text)) as Verdict,
    totalMs,
  });
}
