import type { Finding } from '../core/finding.ts';
import { compareSeverity, noCounts, type Severity, type SeverityCounts } from '../core/severity.ts';

export interface Counts {
  readonly overall: SeverityCounts;
  /** A finding counts once for each tool that has an account of it, with the worst severity of that tool's accounts. */
  readonly perTool: Readonly<Record<string, SeverityCounts>>;
  readonly perCategory: Readonly<Record<string, SeverityCounts>>;
  readonly perTarget: Readonly<Record<string, SeverityCounts>>;
}

/** Counts merged findings. A finding without its own severity was rated medium when it was identified. */
export function countFindings(findings: readonly Finding[]): Counts {
  const overall = noCounts();
  const perTool = new Tally();
  const perCategory = new Tally();
  const perTarget = new Tally();
  for (const finding of findings) {
    overall[finding.severity]++;
    perCategory.add(finding.category, finding.severity);
    perTarget.add(finding.target, finding.severity);
    for (const [tool, severity] of worstByTool(finding)) perTool.add(tool, severity);
  }
  return {
    overall,
    perTool: perTool.record(),
    perCategory: perCategory.record(),
    perTarget: perTarget.record(),
  };
}

function worstByTool({ accounts }: Finding): ReadonlyMap<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { tool, severity } of accounts) {
    const known = worst.get(tool);
    if (known === undefined || compareSeverity(severity, known) < 0) worst.set(tool, severity);
  }
  return worst;
}

class Tally {
  private readonly counts = new Map<string, Record<Severity, number>>();

  add(name: string, severity: Severity): void {
    let entry = this.counts.get(name);
    if (entry === undefined) {
      entry = noCounts();
      this.counts.set(name, entry);
    }
    entry[severity]++;
  }

  record(): Record<string, SeverityCounts> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
