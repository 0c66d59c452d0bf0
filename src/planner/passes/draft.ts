import type { DisabledTool, Model, ModelTool } from '../../compiler/model/model.ts';
import type { Digest } from '../../core/ids.ts';
import type { PartialOutcome } from '../../core/outcome.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Catalogue, CatalogueEntry } from '../../stages/contract/catalogue.ts';
import type { StageCommand } from '../../stages/contract/command.ts';
import type { Consumption } from '../../stages/contract/requirements.ts';
import type {
  AggregateStage,
  AttestStage,
  DeliverStage,
  GateStage,
  NotifyStage,
  OwnPin,
  PlannedStack,
  ReportStage,
  ServiceStage,
  SignStage,
  ToolStage,
} from '../ir/ir.ts';

/** All that planning knows besides the model. Nothing of time, locale or the working folder. */
export interface PlanContext {
  readonly catalogue: Catalogue;
  /** Of the tools that are planned, by registry id. */
  readonly commands: ReadonlyMap<string, StageCommand<unknown>>;
  readonly lock: ToolsLock;
  /** What of the lock is the workspace's own. */
  readonly ownPins?: readonly OwnPin[];
  readonly secplanVersion: string;
  /** sha256 of a file or folder of the secplan package, by its path below the package root. */
  assetDigest(path: string): Digest;
  /** sha256 of a file of the workspace; undefined when there is no such regular file. For custom stages' scripts. */
  scriptDigest?(path: string): Digest | undefined;
  /** Files of the workspace that a command may start, source or import, with their sha256, sorted by path. */
  programFiles?(command: {
    readonly words: readonly string[];
    /** It gets a secret or the network. */
    readonly granted: boolean;
  }): readonly (readonly [path: string, digest: Digest])[];
}

/** A tool stage on its way, with what passes still need of the manifest and the definition. */
export interface DraftTool {
  readonly stage: ToolStage;
  readonly tool: ModelTool;
  readonly entry: CatalogueEntry;
  readonly command: StageCommand<unknown>;
}

/** A stage that the engine itself carries out. */
export type ClosingStage =
  | AggregateStage
  | GateStage
  | ReportStage
  | AttestStage
  | SignStage
  | DeliverStage
  | NotifyStage;

/** What the passes hand on. Each makes a new one; none changes the one it is given. */
export interface Draft {
  readonly model: Model;
  readonly tools: readonly DraftTool[];
  readonly services: readonly ServiceStage[];
  readonly stack?: PlannedStack;
  readonly closing: readonly ClosingStage[];
  readonly notPlanned: readonly DisabledTool[];
}

/** A failure may hand on what it planned of tools without an error. */
export type Pass = (draft: Draft, context: PlanContext) => PartialOutcome<Draft>;

/** What a stage reads of others, with its options as they are. */
export function consumedBy({
  entry,
  command,
  stage,
}: Pick<DraftTool, 'entry' | 'command'> & {
  readonly stage: Pick<ToolStage, 'options'>;
}): readonly Consumption[] {
  const all = entry.requires.consumes ?? [];
  const used = command.consumes?.(stage.options);
  return used === undefined ? all : all.filter(({ name }) => used.includes(name));
}

/** JSON pointer of a member of a tool's own settings (RFC 6901); ids need no escaping. */
export function toolPointer({ tool, entry }: Pick<DraftTool, 'tool' | 'entry'>, member: string): string {
  return entry.userDefined ? `/tools/custom/${tool.id}/${member}` : `/tools/${tool.id}/${member}`;
}
