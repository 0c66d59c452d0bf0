import type { Category } from '../../core/category.ts';
import type { Severity } from '../../core/severity.ts';
import type { LooksFor } from './looks-for.ts';
import type { FaultText, OutputSpec } from './output.ts';
import type { Provider } from './provider.ts';
import type { Requirements } from './requirements.ts';
import type { ToolInfo } from './tool-info.ts';

/** The part of a definition that is plain data and stands in the generated registry. */
export interface StageData {
  readonly id: string;
  readonly kind: 'scan' | 'sbom' | 'database';
  readonly category: Category;
  /** Each category that it looks for flaws of, where that is more or less than its own in all that it is given. */
  readonly looksFor?: readonly LooksFor[];
  /**
   * The manifest itself says what it runs: each entry of `tools.custom` is a stage of this definition. No manifest names it,
   * and no lock can pin its command.
   */
  readonly userDefined?: true;
  /**
   * What it finds in a file depends on that file alone: not on other files, a database or the network. Under
   * `--changed-since` its findings in an unchanged file were there before. Default false.
   */
  readonly perFile?: boolean;
  readonly tool: ToolInfo;
  /** In order of preference. */
  readonly providers: readonly Provider[];
  readonly requires: Requirements;
  readonly outputs: readonly OutputSpec[];
  readonly faults: readonly FaultText[];
  /** Files and folders of the secplan package that the tool reads, by name; relative to the package root. */
  readonly assets?: Readonly<Record<string, string>>;
  /** Kill limit; a manifest may set another. Milliseconds. */
  readonly timeoutMs: number;
  /** Prior for the schedule until a run has been measured. Milliseconds on the reference hardware. */
  readonly expectedMs: number;
  readonly resources: { readonly cpus: number; readonly memoryMb: number };
  /** Rule ids (looked up first) and the tool's own levels, in lower case, to secplan's severities; what `severityMap` overrides and the reference prints. */
  readonly severities: Readonly<Record<string, Severity>>;
}
