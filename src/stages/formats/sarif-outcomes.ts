import type { ParsedFinding } from '../../core/finding.ts';
import type { Note } from '../contract/report.ts';
import { oneLine } from './one-line.ts';
import type { SarifResult } from './sarif-schema.ts';

/**
 * What a result counts as: a finding; a low one, as the tool leaves it to a person; suppressed; or nothing, because it
 * passed or is gone. A kind that the standard does not know counts: nothing vanishes unseen.
 */
export type Outcome = 'counts' | 'unknown-kind' | 'undecided' | 'suppressed' | 'none';

/** SARIF 2.1.0, 3.27.9 `kind`, 3.27.23 `suppressions` and 3.27.24 `baselineState`. Kinds are read in any case. */
export function outcomeOf(result: SarifResult): Outcome {
  if (result.baselineState === 'absent') return 'none';
  const outcome = outcomeOfKind(result.kind?.toLowerCase());
  return outcome !== 'none' && isSuppressed(result) ? 'suppressed' : outcome;
}

function outcomeOfKind(kind: string | undefined): Exclude<Outcome, 'suppressed'> {
  switch (kind) {
    case undefined:
    case 'fail':
      return 'counts';
    case 'review':
    case 'open':
      return 'undecided';
    case 'pass':
    case 'notapplicable':
    case 'informational':
      return 'none';
    default:
      return 'unknown-kind';
  }
}

/** Section 3.27.23: not where one suppression was rejected or is still under review. */
function isSuppressed({ suppressions }: SarifResult): boolean {
  const list = suppressions ?? [];
  return list.length > 0 && list.every(({ status }) => status !== 'rejected' && status !== 'underReview');
}

/** A result that does not simply count, with what was made of it. */
export interface OddResult {
  readonly outcome: Outcome;
  readonly result: SarifResult;
  readonly finding: ParsedFinding;
}

/** What is said of odd results: one note for each file and rule, with how many they are. */
export function notesOfOdd(odd: readonly OddResult[]): Note[] {
  const counts = new Map<
    string,
    { readonly what: string; readonly path: string | undefined; count: number }
  >();
  for (const { outcome, result, finding } of odd) {
    const what = explain(outcome, result, finding.rule.id);
    const path = finding.span?.path;
    if (what === undefined) continue;
    const known = counts.get(JSON.stringify([what, path]));
    if (known === undefined) counts.set(JSON.stringify([what, path]), { what, path, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].map(({ what, path, count }) => ({
    message: oneLine(`${count === 1 ? '1 result' : `${count} results`} ${what}`),
    ...(path === undefined ? {} : { path }),
  }));
}

function explain(outcome: Outcome, { kind, suppressions }: SarifResult, rule: string): string | undefined {
  switch (outcome) {
    case 'undecided':
      return `of rule ${rule} left to a person (kind ${kind}): counted as low`;
    case 'unknown-kind':
      return `of rule ${rule} with kind ${JSON.stringify(kind)}, which SARIF does not know: counted as failed`;
    case 'suppressed': {
      const kinds = [...new Set((suppressions ?? []).map((item) => item.kind || 'no kind'))].sort();
      return `of rule ${rule} suppressed (${kinds.join(', ')}) and not counted`;
    }
    default:
      return undefined;
  }
}
