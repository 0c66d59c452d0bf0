import { byCodeUnit } from '../core/canonical.ts';
import type { FailureReason } from '../core/failure.ts';
import { failureText } from '../core/failure-text.ts';
import type { StageResult, StageState } from '../executor/stage-result.ts';
import type { Plan } from '../planner/ir/ir.ts';

/** One line of "what was checked": a stage of the plan, or a tool that the plan leaves out. */
export interface CoverageEntry {
  /** Stage id, or tool id where there is no stage. */
  readonly id: string;
  readonly tool: string;
  readonly category: string | null;
  readonly state: StageState;
  /** Evidence of what was looked at, or why it was not. */
  readonly detail: string;
  /** Why a stage is incomplete; null for every other state. */
  readonly reason: FailureReason | null;
  readonly findings: number;
}

export interface Coverage {
  readonly entries: readonly CoverageEntry[];
  /** What a stage that ran did not look at, by its options: `trivy-fs: vulnerabilities (no database)`. */
  readonly notChecked: readonly string[];
  /** What tools said about inputs they could not read. */
  readonly notes: readonly string[];
  /** The files that the run saw, and how many entries it left out, by reason. */
  readonly workspace: WorkspaceCoverage;
  /** Names in `coverage.require` that have no result. */
  readonly requiredMissing: readonly string[];
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
}

/** Joins what ran, what did not, what was left out and what else was looked at (`further`), sorted by id. */
export function coverageOf(
  plan: Plan,
  results: readonly StageResult[],
  workspace: WorkspaceCoverage,
  { targetsWithoutStage = [], further = [] }: BesideStages = {},
): Coverage {
  const probes = new Set(plan.stages.flatMap((stage) => ('probe' in stage && stage.probe ? [stage.id] : [])));
  const entries: CoverageEntry[] = results.map((result) => ({
    id: result.stage,
    tool: result.tool,
    // Whoever asks for a category to be covered does not mean that something answered.
    category: probes.has(result.stage) ? null : result.category,
    state: result.state,
    detail: detailOf(result),
    reason: result.state === 'incomplete' ? result.failure.reason : null,
    findings: result.state === 'done' ? result.findings.length : 0,
  }));
  for (const left of plan.notPlanned) {
    entries.push({
      id: left.tool,
      tool: left.tool,
      category: null,
      state: left.state,
      detail: left.reason,
      reason: null,
      findings: 0,
    });
  }
  entries.push(...further);
  entries.sort((a, b) => byCodeUnit(a.id, b.id));
  return {
    entries,
    notChecked: [
      ...results.flatMap((result) =>
        result.state === 'done' ? result.notChecked.map((what) => `${result.stage}: ${what}`) : [],
      ),
      ...plan.stages.flatMap((stage) =>
        stage.kind === 'attest' ? stage.notChecked.map((what) => `${stage.id}: ${what}`) : [],
      ),
      ...targetsWithoutStage.map((target) => `${target}: no scanner in this plan reads it`),
    ],
    workspace,
    notes: results.flatMap((result) =>
      result.state === 'done'
        ? result.notes.map(
            (note) => `${result.stage}: ${note.path === undefined ? '' : `${note.path}: `}${note.message}`,
          )
        : [],
    ),
    requiredMissing: plan.policy.coverageRequire.filter((name) => !isCovered(name, entries)),
  };
}

/** A category or tool that must be covered is so when at least one of its stages is done and none is anything else but done. */
function isCovered(name: string, entries: readonly CoverageEntry[]): boolean {
  const own = entries.filter((entry) => entry.tool === name || entry.category === name);
  return own.length > 0 && own.every((entry) => entry.state === 'done');
}

function detailOf(result: StageResult): string {
  if (result.state === 'done') {
    const { count, unit, evidence } = result.examined;
    return `${count} ${count === 1 ? unit.replace(/s$/, '') : unit} (${evidence})`;
  }
  return result.state === 'incomplete' ? failureText(result.failure) : result.evidence;
}
