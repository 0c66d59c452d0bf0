import type { ParsedFinding } from '../../core/finding.ts';

/** The same secret may be reported twice, as it stands and decoded: one per rule and place is kept. */
export function withoutRepeats(findings: readonly ParsedFinding[]): ParsedFinding[] {
  const places = new Map(
    // One without a place is like no other.
    findings.map((finding, index) => [JSON.stringify([finding.rule.id, finding.span ?? index]), finding]),
  );
  return [...places.values()];
}
