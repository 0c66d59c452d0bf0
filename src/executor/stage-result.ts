import type { Category } from '../core/category.ts';
import type { Failure } from '../core/failure.ts';
import type { Account, Finding } from '../core/finding.ts';
import type { Digest, StageId, ToolId } from '../core/ids.ts';
import type { NotRun } from '../core/not-run.ts';
import type { RunNote } from '../core/run-note.ts';
import type { UnexaminedFile } from '../core/unexamined.ts';
import type { ToolStage } from '../planner/ir/ir.ts';
import type { Examined } from '../stages/contract/report.ts';

/** How a tool stage ended; spec section 5. */
export type StageState = 'done' | 'not-applicable' | 'excluded' | 'disabled' | 'skipped' | 'incomplete';

/** Where one stage's time went, in milliseconds. */
export interface StageTimings {
  readonly queue: number;
  readonly hash: number;
  readonly provision: number;
  readonly sandbox: number;
  readonly tool: number;
  readonly parse: number;
  readonly write: number;
  /** Since the run's start. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The tool that really ran. */
export interface ToolUsed {
  readonly name: string;
  readonly version: string | null;
  readonly digest: Digest;
  readonly provider: string;
  readonly pinned: boolean;
  readonly thirdParty: string | null;
}

/** A file that a stage left for the bundle. */
export interface StageArtifact {
  readonly output: string;
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  /** Path in the bundle. */
  readonly publishAs: string;
}

interface ResultBase {
  readonly stage: StageId;
  readonly tool: ToolId;
  readonly category: Category;
  readonly target: string;
  /** What the options leave unchecked. */
  readonly notChecked: ToolStage['notChecked'];
}

export interface DoneResult extends ResultBase {
  readonly state: 'done';
  /** One entry for each thing reported, each with exactly one account; merging comes later. */
  readonly findings: readonly Finding[];
  readonly examined: Omit<Examined, 'files'>;
  readonly filesGiven: number;
  /** Of the files given, those that it did not check, sorted by path. */
  readonly unexamined: readonly UnexaminedFile[];
  readonly notes: readonly RunNote[];
  readonly artifacts: readonly StageArtifact[];
  readonly toolUsed: ToolUsed;
  readonly cached: boolean;
  /** The signer of a result of another machine: fingerprint of the key. */
  readonly sharedBy?: Digest;
  readonly key: Digest;
  readonly timings: StageTimings;
  readonly notEnforced: readonly string[];
}

export interface IncompleteResult extends ResultBase {
  readonly state: 'incomplete';
  readonly failure: Failure;
  readonly toolUsed: ToolUsed | null;
  readonly artifacts: readonly StageArtifact[];
  readonly timings: StageTimings;
}

/** A stage that did not start, for a reason that is not a failure. */
export interface NotRunResult extends ResultBase {
  readonly state: 'not-applicable' | 'excluded' | 'disabled' | 'skipped';
  readonly why: NotRun;
}

export type StageResult = DoneResult | IncompleteResult | NotRunResult;

/** The members that every result of a stage has. */
export function resultBase({
  id,
  tool,
  category,
  target,
  notChecked,
}: Pick<ToolStage, 'id' | 'tool' | 'category' | 'target' | 'notChecked'>): ResultBase {
  return { stage: id, tool, category, target: target.name, notChecked };
}
export type { Account };
