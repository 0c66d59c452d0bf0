import { byCodeUnit } from '../../src/core/canonical.ts';
import type { Rule } from './read-rules.ts';

export interface ScanResult {
  /** Files the engine says it looked at, relative to the rules folder. */
  readonly scanned: readonly string[];
  readonly findings: readonly { readonly rule: string; readonly path: string; readonly line: number }[];
}

/**
 * Where a scan of all examples with all rules differs from what the examples promise: a bad one has findings of
 * its own rule at exactly its marked lines, a good one has none, of any rule, and every one was looked at.
 */
export function exampleProblems(rules: readonly Rule[], result: ScanResult): readonly string[] {
  const scanned = new Set(result.scanned);
  const found = Map.groupBy(result.findings, (finding) => finding.path);
  const known = new Set(rules.flatMap((rule) => rule.examples.map((example) => example.path)));
  const strangers = result.scanned
    .filter((file) => !known.has(file))
    .map((file) => `${file}: an example of no rule`);
  const problems = rules.flatMap((rule) =>
    rule.examples.flatMap((example) => {
      if (!scanned.has(example.path)) return [`${example.path}: was not scanned`];
      const expected = example.lines.map((line) => `${line} ${rule.id}`).sort(byCodeUnit);
      const actual = (found.get(example.path) ?? [])
        .map(({ line, rule: id }) => `${line} ${id}`)
        .sort(byCodeUnit);
      return expected.join('\n') === actual.join('\n')
        ? []
        : [`${example.path}: expected [${expected.join(', ')}], found [${actual.join(', ')}]`];
    }),
  );
  return [...strangers, ...problems];
}
