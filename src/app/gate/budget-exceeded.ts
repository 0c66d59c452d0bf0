import type { PlannedPolicy } from '../../compiler/model/model.ts';
import type { Finding } from '../../core/finding.ts';
import type { NotRun } from '../../core/not-run.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import { budgetCounts, holdBudgets } from '../../policy/budgets.ts';
import type { GateFacts } from '../../policy/gate-facts.ts';
import { mergeFindings } from '../../policy/merge-findings.ts';
import { sortFindings } from '../../policy/sort-findings.ts';

/** For `--fail-fast`: merging and VEX can only lower counts of what is there, so only merged counts decide. `at` is in milliseconds since the epoch. */
export function budgetExceeded(
  policy: PlannedPolicy,
  gateFacts: (findings: readonly Finding[]) => GateFacts,
  at: number,
): (results: readonly StageResult[]) => NotRun | undefined {
  return (results) => {
    const findings = mergeFindings(
      results.flatMap((result) => (result.state === 'done' ? result.findings : [])),
    );
    const sorted = sortFindings(policy, assumeOwn(gateFacts(findings)), findings, at);
    const line = holdBudgets(policy.budgets, budgetCounts(sorted)).find((item) => item.exceeded);
    return line === undefined
      ? undefined
      : { kind: 'stopped-by-budget', severity: line.severity, count: line.count, limit: line.limit };
  };
}

/** What was scanned is known at the end only: until then every statement may be about it. */
function assumeOwn(facts: GateFacts): GateFacts {
  const named = facts.vex.flatMap(({ statements }) =>
    statements.flatMap(({ products = [], wholes = [] }) => [...products, ...wholes]),
  );
  return { ...facts, products: [...new Set(named)].map((id) => ({ id, target: null })) };
}
