import type { ToolId } from '../../core/ids.ts';
import type { ArtifactType } from './artifact.ts';
import type { TargetKind } from './target.ts';

/** Which files of the workspace a stage reads. Globs are picomatch-like: `**`, `*`, `?`, `{a,b}`; matched case-sensitively. */
export interface Selection {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Files without an ending are taken, too, where their first line (`#!`) names one of these: `python` for `python3.12`. */
  readonly interpreters?: readonly string[];
}

/** One artifact of another stage that a stage reads. */
export interface Consumption {
  readonly name: string;
  readonly type: ArtifactType;
  readonly from: ToolId | string;
  /** Used where it is there: `CommandContext.artifacts` tells. */
  readonly optional?: true;
  /** The tool writes into it: it is given its own copy. */
  readonly writable?: true;
}

/** What a stage needs before it can start; one function reports every mismatch. */
export interface Requirements {
  readonly target: TargetKind;
  /** Files the tool reads of a file target (source, iac, privacy). It sees these and no others. */
  readonly selection?: Selection;
  /**
   * Globs of which at least one file of the selection must match, else the stage is not applicable: the sign that
   * the code is of a kind that the tool knows, for example `**\/config/application.rb` for Rails.
   */
  readonly appliesIf?: readonly string[];
  /** Details that the target must have, one of each list; a target that lacks them is not applicable. */
  readonly details?: readonly (readonly string[])[];
  /** Details that are paths of the workspace which the tool reads, besides the target's own path. */
  readonly files?: readonly string[];
  /** Artifacts of other stages, by type. A `database` stage that is consumed is added to the plan by itself. */
  readonly consumes?: readonly Consumption[];
  readonly network?: 'none' | 'stack' | { readonly egress: readonly string[] };
  /** The target's credential (its `auth.secret`) is handed over, as the environment variable of the secret's name. */
  readonly auth?: true;
  readonly placeholder?: true; // also looks at the placeholder that stands in for a missing stack
  /** Linux capabilities, devices, `ptrace` of what it starts itself, or System V `shared-memory`; refused where the runtime cannot grant them. */
  readonly privileges?: readonly string[];
}
