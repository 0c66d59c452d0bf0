import type { Verdict } from './verdict.ts';

/** One thing that two verdicts on the same findings see otherwise. */
export interface VerdictChange {
  readonly kind: 'outcome' | 'waiver' | 'vex' | 'budget';
  /** One sentence in plain words, without a full stop. */
  readonly text: string;
}

/** What time alone changes: waivers and VEX documents that end, the budgets that no longer hold, the outcome. */
export function verdictChanges(now: Verdict, then: Verdict): readonly VerdictChange[] {
  const changes: VerdictChange[] = [];
  if (now.outcome !== then.outcome)
    changes.push({ kind: 'outcome', text: `${now.outcome} becomes ${then.outcome}` });
  for (const line of then.budgets) {
    const before = now.budgets.find(
      ({ scope, severity }) => scope === line.scope && severity === line.severity,
    );
    if (before === undefined || before.exceeded === line.exceeded) continue;
    const what = line.severity === 'any' ? line.scope : `${line.scope} ${line.severity}`;
    const text = `${what}: ${before.count} becomes ${line.count} where ${line.limit} ${line.limit === 1 ? 'is' : 'are'} allowed`;
    changes.push({ kind: 'budget', text });
  }
  const key = (value: unknown): string => JSON.stringify(value);
  const gone = new Set(now.waivers.expired.map(key));
  for (const waiver of then.waivers.expired) {
    if (gone.has(key(waiver))) continue;
    const used = now.waivers.used.find(({ findings: _, partly: __, ...rest }) => key(rest) === key(waiver));
    const count = (used?.findings.length ?? 0) + (used?.partly?.length ?? 0);
    const what = Object.entries(waiver.match)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    changes.push({
      kind: 'waiver',
      text: `the waiver of ${what} by ${waiver.owner} ends on ${waiver.expires}: ${count} ${count === 1 ? 'finding counts' : 'findings count'} again`,
    });
  }
  for (const document of then.vex?.documents ?? []) {
    const before = now.vex?.documents.find(({ path }) => path === document.path);
    if (!document.expired || before?.expired !== false) continue;
    const count = now.vex?.notAffected.filter((one) => one.document === document.path).length ?? 0;
    changes.push({
      kind: 'vex',
      text: `${document.path} applies until ${document.expires}: ${count} ${count === 1 ? 'finding counts' : 'findings count'} again`,
    });
  }
  return changes;
}
