import { type Finding, type ParsedFinding, placedAt, placesOf } from '../../core/finding.ts';
import { fingerprintsOf } from '../../executor/judge/identify.ts';
import { createLineReader } from '../../io/line-reader.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';

/**
 * For each account of a finding in a moved file the fingerprint that it had at its former path, by that of today. A change
 * of the line itself changes both, so that only what moved unchanged is known.
 */
export function formerFingerprints(
  plan: Plan,
  workspace: string,
  findings: readonly Finding[],
  moved: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const formerly: Record<string, string> = {};
  if (moved.size === 0) return formerly;
  const today = new Map([...moved].map(([after, before]) => [before, after]));
  const readLine = createLineReader(workspace, { has: (path) => !path.startsWith('.git/') });
  for (const stage of toolStages(plan)) {
    const accounts = findings.flatMap((finding) =>
      finding.accounts
        .filter((account) => account.stage === stage.id)
        .flatMap((account) => {
          const places = placesOf(account.span === undefined ? finding : account);
          if (!places.some(({ path }) => moved.has(path))) return [];
          const { span: _span, alsoAt: _today, ...rest } = { ...finding, ...account };
          const then = places.map((at) => ({ ...at, path: moved.get(at.path) ?? at.path }));
          const before: ParsedFinding = { ...rest, ...placedAt(then) };
          return [{ fingerprint: account.fingerprint, before }];
        }),
    );
    const prints = fingerprintsOf(
      stage,
      accounts.map(({ before }) => before),
      (path, line) => readLine(today.get(path) ?? path, line),
    );
    for (const [index, { fingerprint }] of accounts.entries()) {
      const former = prints[index];
      if (former !== undefined) formerly[fingerprint] = former;
    }
  }
  return formerly;
}
