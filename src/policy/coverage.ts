import { byCodeUnit } from '../core/canonical.ts';
import { CATEGORIES } from '../core/category.ts';
import type { FailureReason } from '../core/failure.ts';
import { failureText } from '../core/failure-text.ts';
import { type Gap, type WithText, withText } from '../core/gap.ts';
import { type NotRun, notRunText } from '../core/not-run.ts';
import { type RunNote, runNoteText } from '../core/run-note.ts';
import type { StageResult, StageState } from '../executor/stage-result.ts';
import { isToolStage, type Plan, type ToolStage } from '../planner/ir/ir.ts';
import { canBeRead, type LanguageCoverage } from './languages.ts';
import { type UnexaminedCoverage, unexaminedOf } from './unexamined.ts';

/** One line of "what was checked": a stage of the plan, or a tool that the plan leaves out. */
export interface CoverageEntry {
  /** Stage id, or tool id where there is no stage. */
  readonly id: string;
  readonly tool: string;
  readonly category: string | null;
  /** The categories that it covers once it is done; absent where that is its category and nothing else. */
  readonly covers?: readonly string[];
  readonly state: StageState;
  /** Evidence of what was looked at, or why it was not. */
  readonly detail: string;
  /** Why a stage is incomplete; null for every other state. */
  readonly reason: FailureReason | null;
  /** Why it did not run, as data; absent where it did, or failed. */
  readonly notRun?: NotRun;
  readonly findings: number;
}

/** Of which stage something is said; null for what no stage stands for. */
interface OfStage {
  readonly stage: string | null;
}

/** What a run did not look at; `text` names the stage too: `trivy-fs: vulnerabilities (no database)`. */
export type CoverageGap = WithText<Gap> & OfStage;

/** What a stage's result has to tell besides findings, for example of a file that the tool could not parse. */
export type CoverageNote = WithText<RunNote> & OfStage;

export interface Coverage {
  readonly entries: readonly CoverageEntry[];
  /** What a stage that ran did not look at by its options, what the profile promises, targets that nothing looks at. */
  readonly notChecked: readonly CoverageGap[];
  readonly notes: readonly CoverageNote[];
  /** The files that the run saw, and how many entries it left out, by reason. */
  readonly workspace: WorkspaceCoverage;
  /** Names in `coverage.require` and `coverage.languages` that have no result. */
  readonly requiredMissing: readonly string[];
  /** The languages of the workspace, unread ones first; absent where it has no code. */
  readonly languages?: readonly LanguageCoverage[];
  /** Files that a scanner was given and did not check; absent where there are none. */
  readonly unexamined?: UnexaminedCoverage;
}

export interface WorkspaceCoverage {
  readonly files: number;
  readonly leftOut: Readonly<Record<string, number>>;
  /** Files of a kind that should not be there (FIFO, socket, too large, unreadable …), at most 50. */
  readonly examples: readonly string[];
}

interface BesideStages {
  readonly targetsWithoutStage?: readonly string[];
  /** What else was looked at. */
  readonly further?: readonly CoverageEntry[];
  readonly languages?: readonly LanguageCoverage[];
}

/** Joins what ran, what did not, what was left out and what else was looked at (`further`), sorted by id. */
export function coverageOf(
  plan: Plan,
  results: readonly StageResult[],
  workspace: WorkspaceCoverage,
  { targetsWithoutStage = [], further = [], languages = [] }: BesideStages = {},
): Coverage {
  const stages = new Map(plan.stages.flatMap((stage) => (isToolStage(stage) ? [[stage.id, stage]] : [])));
  const entries: CoverageEntry[] = [
    ...results.map((result) => entryOf(result, stages.get(result.stage))),
    ...plan.notPlanned.map(({ tool, state, reason, text }) => ({
      id: tool,
      tool,
      category: null,
      state,
      detail: text,
      reason: null,
      notRun: reason,
      findings: 0,
    })),
    ...further,
  ];
  entries.sort((a, b) => byCodeUnit(a.id, b.id));
  return {
    entries,
    notChecked: gapsOf(plan, results, targetsWithoutStage),
    workspace,
    notes: results.flatMap((result) =>
      result.state === 'done'
        ? result.notes.map((note) => {
            const text = `${result.stage}: ${runNoteText(note)}`;
            return { ...note, stage: result.stage, text };
          })
        : [],
    ),
    requiredMissing: [
      ...plan.policy.coverageRequire.filter((name) => !isCovered(name, entries, languages)),
      ...(plan.policy.coverageLanguages ?? []).filter((name) => !isLanguageCovered(name, languages)),
    ],
    ...(languages.length === 0 ? {} : { languages }),
    ...unexaminedOf(results),
  };
}

function entryOf(result: StageResult, stage: ToolStage | undefined): CoverageEntry {
  return {
    id: result.stage,
    tool: result.tool,
    // Whoever asks for a category to be covered does not mean that something answered.
    category: stage?.probe ? null : result.category,
    ...coversOf(stage),
    state: result.state,
    detail: detailOf(result),
    reason: result.state === 'incomplete' ? result.failure.reason : null,
    ...('why' in result ? { notRun: result.why } : {}),
    findings: result.state === 'done' ? result.findings.length : 0,
  };
}

/** A list of packages and a database are no answer to the question whether anything is wrong with them. */
function coversOf(stage: ToolStage | undefined): Pick<CoverageEntry, 'covers'> {
  if (stage === undefined) return {};
  if (stage.kind !== 'scan') return { covers: [] };
  if (stage.covers === undefined) return {};
  return { covers: [...new Set(stage.covers.map(({ category }) => category))].sort() };
}

function gapsOf(
  plan: Plan,
  results: readonly StageResult[],
  targetsWithoutStage: readonly string[],
): CoverageGap[] {
  const ofStage = (stage: string, gaps: readonly WithText<Gap>[]): CoverageGap[] =>
    gaps.map((gap) => ({ ...gap, stage, text: `${stage}: ${gap.text}` }));
  return [
    ...results.flatMap((result) => (result.state === 'done' ? ofStage(result.stage, result.notChecked) : [])),
    ...plan.stages.flatMap((stage) => (stage.kind === 'attest' ? ofStage(stage.id, stage.notChecked) : [])),
    ...targetsWithoutStage.map((target) => ({
      ...withText({ kind: 'no-scanner', target }),
      stage: null,
    })),
  ];
}

/** The entries of a tool, or of what covers a category. */
export function entriesOf(name: string, entries: readonly CoverageEntry[]): readonly CoverageEntry[] {
  return entries.filter(
    ({ tool, category, covers }) => tool === name || (covers ?? [category]).includes(name),
  );
}

/**
 * A tool is covered when at least one of its stages is done and none is anything else. A category is, when something of it is
 * done, and each language that some scanner can read in it was read.
 */
function isCovered(
  name: string,
  entries: readonly CoverageEntry[],
  languages: readonly LanguageCoverage[],
): boolean {
  const own = entriesOf(name, entries);
  const isCategory = (CATEGORIES as readonly string[]).includes(name);
  if (!isCategory) return own.length > 0 && own.every(({ state }) => state === 'done');
  return own.some(({ state }) => state === 'done') && unreadIn(name, languages).length === 0;
}

/** The languages that keep a category from being covered. */
export function unreadIn(
  category: string,
  languages: readonly LanguageCoverage[] = [],
): readonly LanguageCoverage[] {
  return languages.filter(
    (one) => one.category === category && !one.readIn.includes(one.category) && canBeRead(one, one.category),
  );
}

function isLanguageCovered(name: string, languages: readonly LanguageCoverage[]): boolean {
  return languages.some(({ language, read }) => language === name && read > 0);
}

function detailOf(result: StageResult): string {
  if (result.state === 'done') {
    const { count, unit, evidence } = result.examined;
    return `${count} ${count === 1 ? unit.replace(/s$/, '') : unit} (${evidence})`;
  }
  return result.state === 'incomplete' ? failureText(result.failure) : notRunText(result.why);
}
