import { byCodeUnit } from '../core/canonical.ts';
import type { Finding } from '../core/finding.ts';
import type { Coverage } from './coverage.ts';

/** One tool's account of a finding that is known. Rule and path are for people; the fingerprint decides. */
export interface BaselineEntry {
  /** 64 lower-case hex digits. */
  readonly fingerprint: string;
  readonly target: string;
  readonly tool: string;
  readonly rule: string;
  readonly path?: string;
}

/** Today's fingerprint to the one before a file was moved. */
export type Formerly = Readonly<Record<string, string>>;

/** secplan.baseline.json */
export interface Baseline {
  readonly schema: 'https://secplan.dev/schema/baseline/v1';
  /** Sorted, no two alike. */
  readonly findings: readonly BaselineEntry[];
}

/**
 * A baseline of everything found: one entry for each tool's account, so that a finding stays known when one of the tools
 * that saw it is taken away. Holds no message and nothing of a file's content.
 */
export function baselineOf(findings: readonly Finding[]): Baseline {
  return sealed(
    findings.flatMap((finding) =>
      finding.accounts.map(({ fingerprint, tool, rule, span = finding.span }) => ({
        fingerprint,
        target: finding.target,
        tool,
        rule: rule.id,
        ...(span === undefined ? {} : { path: span.path }),
      })),
    ),
  );
}

/**
 * A baseline without the entries that are no longer found; what moved with its file gets its new path. Never adds one. What a tool knew stays where that tool gave
 * no whole result: something that was not looked for is not gone.
 */
export function pruneBaseline(
  before: Baseline,
  findings: readonly Finding[],
  coverage: Coverage,
  formerly: Formerly = {},
): { readonly baseline: Baseline; readonly dropped: readonly BaselineEntry[] } {
  const gone = new Set(goneFrom(before.findings, findings, coverage, formerly));
  const now = new Map(
    baselineOf(findings).findings.flatMap((entry) => {
      const former = formerly[entry.fingerprint];
      return former === undefined ? [] : [[key(entry.target, former), entry] as const];
    }),
  );
  return {
    baseline: sealed(
      before.findings
        .filter((entry) => !gone.has(entry))
        .map((entry) => now.get(key(entry.target, entry.fingerprint)) ?? entry),
    ),
    dropped: before.findings.filter((entry) => gone.has(entry)),
  };
}

/** Entries that tools with a whole result no longer find. */
export function goneFrom(
  entries: readonly BaselineEntry[],
  findings: readonly Finding[],
  coverage: Coverage,
  formerly: Formerly = {},
): readonly BaselineEntry[] {
  const found = new Set(
    findings.flatMap((finding) =>
      finding.accounts.flatMap((account) =>
        namesOf(account.fingerprint, formerly).map((name) => key(finding.target, name)),
      ),
    ),
  );
  const whole = new Map<string, boolean>();
  for (const { tool, state } of coverage.entries)
    whole.set(tool, (whole.get(tool) ?? true) && state === 'done');
  return entries.filter(
    (entry) => whole.get(entry.tool) === true && !found.has(key(entry.target, entry.fingerprint)),
  );
}

/** Tells whether a finding is known: any of its accounts is in the baseline, for the same target, also under its former path. */
export function knownBy(
  entries: readonly BaselineEntry[],
  formerly: Formerly = {},
): (finding: Finding) => boolean {
  const known = new Set(entries.map((entry) => key(entry.target, entry.fingerprint)));
  return (finding) =>
    finding.accounts.some((account) =>
      namesOf(account.fingerprint, formerly).some((name) => known.has(key(finding.target, name))),
    );
}

function namesOf(fingerprint: string, formerly: Formerly): readonly string[] {
  const former = formerly[fingerprint];
  return former === undefined ? [fingerprint] : [fingerprint, former];
}

function sealed(entries: readonly BaselineEntry[]): Baseline {
  const byKey = new Map(
    entries.map((entry) => [`${key(entry.target, entry.fingerprint)} ${entry.tool}`, entry]),
  );
  return {
    schema: 'https://secplan.dev/schema/baseline/v1',
    findings: [...byKey].sort(([a], [b]) => byCodeUnit(a, b)).map(([, entry]) => entry),
  };
}

function key(target: string, fingerprint: string): string {
  return `${fingerprint} ${target}`;
}
