import { type Finding, placesOf } from '../core/finding.ts';
import { type BaselineEntry, type Formerly, knownBy } from './baseline.ts';

/** What `--changed-since REF` compares with. */
export interface SinceFacts {
  readonly ref: string;
  /** Commit ids. */
  readonly commit: string;
  readonly mergeBase: string;
  /** The baseline as the ref has it. */
  readonly baseline: readonly BaselineEntry[];
  /** Stages that look at each file by itself. */
  readonly perFile: readonly string[];
  /** Files with findings of such stages that are what they were at the merge base, also under another path; sorted. */
  readonly unchanged: readonly string[];
}

/** Tells whether a finding was there before the change: the ref's baseline has it, or its file alone makes it and is unchanged. */
export function existedBefore(since: SinceFacts, formerly: Formerly = {}): (finding: Finding) => boolean {
  const known = knownBy(since.baseline, formerly);
  const [perFile, unchanged] = [new Set(since.perFile), new Set(since.unchanged)];
  return (finding) =>
    known(finding) ||
    finding.accounts.some(({ stage, span = finding.span, alsoAt }) => {
      const places = placesOf({ span, alsoAt });
      return places.length > 0 && perFile.has(stage) && places.every(({ path }) => unchanged.has(path));
    });
}

/** Files whose state `existedBefore` asks for. */
export function filesToCompare(findings: readonly Finding[], perFile: readonly string[]): readonly string[] {
  const stages = new Set<string>(perFile);
  return [
    ...new Set(
      findings.flatMap((finding) =>
        finding.accounts.flatMap(({ stage, span = finding.span, alsoAt }) =>
          stages.has(stage) ? placesOf({ span, alsoAt }).map(({ path }) => path) : [],
        ),
      ),
    ),
  ].sort();
}
