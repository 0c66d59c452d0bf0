import type { Finding } from '../../core/finding.ts';
import { packageText, spanText } from '../../core/place-text.ts';
import { unexaminedText } from '../../core/unexamined.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { requiredReasons } from '../../policy/required.ts';
import { unexaminedReason } from '../../policy/unexamined.ts';
import type { GitFacts } from '../shared/delivery-types.ts';
import type { ReceiverReport } from '../shared/receiver-report.ts';

/** The content of a message about a run: the same for every channel; templates pick from it. */
export interface Message {
  readonly schema: 'https://secplan.dev/schema/notification/v1';
  /** The same for every attempt to deliver this message: a receiver that has seen it may drop it. */
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly runtime: string;
  readonly bundle: string;
  readonly planDigest: string;
  readonly commit: string | null;
  readonly ref: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly verdict: 'pass' | 'fail' | 'incomplete';
  readonly exitCode: number;
  readonly partial: boolean;
  /** One line: verdict and why. */
  readonly headline: string;
  readonly budgets: readonly {
    readonly scope: string;
    readonly severity: string;
    readonly count: number;
    readonly limit: number;
    readonly exceeded: boolean;
  }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: {
    /** `new`: those that the baseline or ref does not hold; `all` where nothing was compared. */
    readonly shown: 'new' | 'all';
    readonly count: number;
    /** The worst, at most twenty. */
    readonly top: readonly MessageFinding[];
  };
  /** What gave no result or was not looked at. */
  readonly notRun: readonly { readonly id: string; readonly state: string; readonly detail: string }[];
  /** `notRun` holds the first fifty of so many. */
  readonly notRunCount: number;
  readonly links: readonly { readonly name: string; readonly url: string }[];
  /** Receivers of the bundle that it did not reach. */
  readonly undelivered: readonly string[];
}

export interface MessageFinding {
  readonly severity: string;
  readonly rule: string;
  readonly tool: string;
  readonly place: string;
  readonly message: string;
  readonly fingerprint: string;
}

const TOP = 20;
const MOST_NOT_RUN = 50;
const LONGEST = 300;

/** Findings about personal data are counted and not shown: a message goes further than a bundle. */
export function messageOf(
  { verdict, summary, findings }: BundleContent,
  id: string,
  git: GitFacts,
  delivered: readonly ReceiverReport[],
): Message {
  const fresh = verdict.comparison === undefined ? undefined : new Set(verdict.comparison.new);
  const told = fresh === undefined ? findings : findings.filter((one) => fresh.has(one.fingerprint));
  const notRun = notRunOf(verdict);
  return {
    schema: 'https://secplan.dev/schema/notification/v1',
    id,
    name: summary.name,
    profile: summary.profile,
    runtime: summary.runtime,
    bundle: summary.bundle,
    planDigest: summary.planDigest,
    commit: git.sha,
    ref: git.ref,
    startedAt: summary.startedAt,
    durationMs: summary.durations.totalMs,
    verdict: verdict.outcome,
    exitCode: verdict.exitCode,
    partial: verdict.partial,
    headline: headlineOf(verdict),
    budgets: verdict.budgets.map(({ scope, severity, count, limit, exceeded }) => ({
      scope,
      severity,
      count,
      limit,
      exceeded,
    })),
    counts: verdict.counts.overall,
    findings: {
      shown: fresh === undefined ? 'all' : 'new',
      count: told.length,
      top: told
        .filter(({ category }) => category !== 'privacy')
        .slice(0, TOP)
        .map(shortFinding),
    },
    notRun: notRun.slice(0, MOST_NOT_RUN),
    notRunCount: notRun.length,
    links: delivered.flatMap((one) => (one.state === 'delivered' ? one.links : [])),
    undelivered: delivered.flatMap((one) =>
      one.state === 'failed' ? [`${one.name}: ${cut(one.detail)}`] : [],
    ),
  };
}

/** What gave no result or was not looked at. */
function notRunOf({ coverage }: BundleContent['verdict']): Message['notRun'] {
  const missing = coverage.entries.filter(({ state }) => state === 'incomplete' || state === 'skipped');
  return [
    ...missing.map(({ id: stage, state, detail }) => ({ id: stage, state, detail: cut(detail) })),
    ...(coverage.unexamined?.first ?? []).map(({ stage, path, why }) => ({
      id: stage,
      state: 'not examined',
      detail: cut(`${path}: ${unexaminedText(why)}`),
    })),
    ...coverage.notChecked.map(({ text }) => ({
      id: 'coverage',
      state: 'not checked',
      detail: cut(text),
    })),
  ];
}

function headlineOf({
  outcome,
  budgets,
  incomplete,
  unexamined,
  coverage,
  partial,
}: BundleContent['verdict']): string {
  const why = [
    ...budgets
      .filter(({ exceeded }) => exceeded)
      .map(
        ({ scope, severity, count, limit }) =>
          `${scope === 'overall' ? '' : `${scope}: `}${count}${severity === 'any' ? '' : ` ${severity}`} ${count === 1 ? 'finding' : 'findings'} (budget ${limit})`,
      ),
    ...(incomplete.length === 0
      ? []
      : [`${incomplete.length} ${incomplete.length === 1 ? 'scanner' : 'scanners'} incomplete`]),
    ...(unexamined === undefined ? [] : [unexaminedReason(unexamined)]),
    ...requiredReasons(coverage),
    ...(partial ? ['partial'] : []),
  ];
  return [outcome.toUpperCase(), ...(why.length === 0 ? ['no budget exceeded'] : [why.join('; ')])].join(
    ': ',
  );
}

function shortFinding({
  severity,
  rule,
  accounts,
  span,
  package: affected,
  target,
  message,
  fingerprint,
}: Finding) {
  return {
    severity,
    rule: cut(rule.id),
    tool: [...new Set(accounts.map(({ tool }) => tool as string))].join('+'),
    place: cut(affected !== undefined ? packageText(affected) : span ? spanText(span) : target),
    message: cut(message),
    fingerprint,
  };
}

/** Foreign text: one line, bounded. */
export function cut(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
