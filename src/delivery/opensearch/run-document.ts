import type { Finding } from '../../core/finding.ts';
import { packageText } from '../../core/place-text.ts';
import type { SeverityCounts } from '../../core/severity.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import type { CoverageEntry } from '../../policy/coverage.ts';
import { cut, messageOf } from '../notify/message.ts';
import type { GitFacts } from '../shared/delivery-types.ts';

export interface RunDocumentInput {
  readonly content: BundleContent;
  /** Hex sha256 of checksums.txt: which bundle it is, whatever it is called. */
  readonly bundleDigest: string;
  readonly git: GitFacts;
  /** Whether findings about personal data are listed; they are counted in any case. */
  readonly includePrivacy: boolean;
}

export type RunDocument = Readonly<Record<string, unknown>>;

const MOST = { findings: 200, stages: 1000, budgets: 500, texts: 100 } as const;
/** States in which something that was meant to be looked at was not. */
const NOT_RUN: ReadonlySet<string> = new Set(['incomplete', 'skipped', 'excluded']);

/** One run as one document: the same for every delivery of a bundle, but for what the environment says of git. Bounded. */
export function runDocument({ content, bundleDigest, git, includePrivacy }: RunDocumentInput): RunDocument {
  const { summary, verdict, findings } = content;
  const { coverage, counts, comparison } = verdict;
  const { headline } = messageOf(content, '', git, []);
  return {
    schema: 'https://secplan.dev/schema/opensearch-run/v1',
    '@timestamp': summary.startedAt,
    bundle: summary.bundle,
    bundleDigest,
    name: summary.name,
    profile: summary.profile,
    runtime: summary.runtime,
    secplan: summary.secplan,
    planDigest: summary.planDigest,
    commit: git.sha,
    ref: git.ref,
    repository: git.repository,
    verdict: verdict.outcome,
    exitCode: verdict.exitCode,
    partial: verdict.partial,
    headline: cut(headline),
    durationMs: summary.durations.totalMs,
    findings: { total: total(counts.overall), ...counts.overall, ...summary.gate },
    tools: rowsOf('tool', counts.perTool),
    categories: rowsOf('category', counts.perCategory),
    budgets: verdict.budgets.slice(0, MOST.budgets).map((line) => ({ ...line })),
    stages: coverage.entries.slice(0, MOST.stages).map((entry) => ({
      ...stageOf(entry),
      findings: entry.findings,
      durationMs: summary.durations.stages[entry.id] ?? null,
    })),
    coverage: {
      ...stateCounts(coverage.entries),
      files: coverage.workspace.files,
      notChecked: coverage.notChecked
        .slice(0, MOST.texts)
        .map(({ kind, stage, text }) => ({ kind, stage, text: cut(text) })),
      requiredMissing: coverage.requiredMissing.slice(0, MOST.texts).map(cut),
    },
    notRun: coverage.entries
      .filter(({ state }) => NOT_RUN.has(state))
      .slice(0, MOST.stages)
      .map((entry) => ({ ...stageOf(entry), kind: entry.notRun?.kind ?? null, detail: cut(entry.detail) })),
    ...newFindings(findings, comparison?.new, includePrivacy),
  };
}

/** Nothing where nothing was compared: that all is new is not known then. */
function newFindings(
  findings: readonly Finding[],
  fresh: readonly string[] | undefined,
  includePrivacy: boolean,
): RunDocument {
  if (fresh === undefined) return {};
  const known = new Set(fresh);
  const told = findings.filter(({ fingerprint }) => known.has(fingerprint));
  const shown = told.filter(({ category }) => includePrivacy || category !== 'privacy');
  const listed = shown.slice(0, MOST.findings);
  return { newFindings: listed.map(findingOf), newFindingsLeftOut: told.length - listed.length };
}

function findingOf(finding: Finding): RunDocument {
  const { severity, rule, accounts, category, target, span, package: affected, message } = finding;
  return {
    severity,
    rule: cut(rule.id),
    tool: [...new Set(accounts.map(({ tool }) => tool))],
    category,
    target: cut(target),
    path: span === undefined ? null : cut(span.path),
    line: span?.startLine ?? null,
    package: affected === undefined ? null : cut(packageText(affected)),
    message: cut(message),
    fingerprint: finding.fingerprint,
  };
}

function stageOf({ id, tool, category, state, reason }: CoverageEntry): RunDocument {
  return { stage: cut(id), tool: cut(tool), category, state, reason };
}

function stateCounts(entries: readonly CoverageEntry[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {
    done: 0,
    'not-applicable': 0,
    excluded: 0,
    disabled: 0,
    skipped: 0,
    incomplete: 0,
  };
  for (const { state } of entries) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function rowsOf(name: string, counts: Readonly<Record<string, SeverityCounts>>): readonly RunDocument[] {
  return Object.entries(counts).map(([key, severities]) => ({
    [name]: key,
    total: total(severities),
    ...severities,
  }));
}

function total(counts: SeverityCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
