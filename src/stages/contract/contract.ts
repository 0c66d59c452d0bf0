import type { z } from 'zod';
import type { Category } from '../../core/category.ts';
import type { Failure } from '../../core/failure.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Digest, ToolId } from '../../core/ids.ts';
import type { Severity } from '../../core/severity.ts';
import type { Provider } from './provider.ts';
import type { ToolInfo } from './tool-info.ts';

export type { Provider };

/** What a stage can be pointed at; the manifest's `targets` hold them. */
export type TargetKind =
  | 'source'
  | 'image'
  | 'http'
  | 'privacy'
  | 'iac'
  | 'binary'
  | 'kubernetes'
  | 'cloud'
  | 'fuzz'
  /** A stage that looks at nothing of the user's: it fetches a database. Never in a manifest. */
  | 'none';

/** What a stage is pointed at, as its command and its parser see it. */
export interface CommandTarget {
  readonly kind: TargetKind;
  /** `source` for the workspace. */
  readonly name: string;
  /** Relative to the workspace; absent for targets without files. */
  readonly path?: string;
  /** Members of the manifest's target by its own names (`ref`, `url`, `openapi`, `provider` …); paths are checked, relative to the workspace. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Types of the artifacts that connect stages. A consumer without a producer is a compile error. */
export type ArtifactType =
  | 'sarif'
  | 'json'
  | 'jsonl'
  | 'xml'
  | 'text'
  | 'cyclonedx'
  | 'spdx'
  | 'database'
  | 'endpoint'
  | 'findings';

/**
 * One part of an argv or an environment value: literal text, or a place that only the runtime knows.
 * `source` is the root of the stage's input view, `out` the folder for its outputs, `tmp` a private scratch folder,
 * `asset` a file or folder that ships with secplan, `artifact` the file (of a tree: the folder) of a consumed artifact.
 * `endpoint` is the base URL of an http target as the stage reaches it, without a slash at its end.
 * `sub` is appended with `/`; `prefix` is put before the path, as in `--output=`.
 */
export type ArgvPart =
  | string
  | {
      readonly at: 'source' | 'out' | 'tmp' | 'endpoint';
      readonly sub?: string;
      readonly prefix?: string;
    }
  | {
      readonly at: 'asset' | 'artifact';
      readonly name: string;
      readonly sub?: string;
      readonly prefix?: string;
    }
  /** Every file of the input set, spliced in as paths below `source`. For tools that do not walk folders. */
  | { readonly at: 'files' }
  /** The tool's own executable, where a program of the system (`Step.system`) starts it, as `timeout` does. */
  | { readonly at: 'tool' };

/** `clean` and `findings` are held against the report; `ok` says nothing of findings. Undeclared codes are failures. */
export type ExitMeaning = 'clean' | 'findings' | 'ok';

/** One process of a stage. Steps run one after the other in one sandbox; the first failure ends the stage. */
export interface Step {
  /** Unique within the stage; names its log. */
  readonly id: string;
  /** The first part is the provider's executable name, resolved by the runtime; never a shell. */
  readonly argv: readonly ArgvPart[];
  /**
   * The image's own entry point stands before `argv`, which then names no program; where `argv` is empty the image's
   * default arguments follow. Only for providers of kind `image`.
   */
  readonly entrypoint?: true;
  /** The first part is a program of the system (in /usr/bin) or, with a slash, of the source tree: a build that the manifest names. */
  readonly system?: true;
  readonly env?: Readonly<Record<string, ArgvPart>>;
  /** Name of the output that standard output (error) is; otherwise it goes to the log. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Keys are decimal exit codes. */
  readonly exits: Readonly<Record<string, ExitMeaning>>;
}

export interface OutputSpec {
  /** Unique within the stage, for example `report`. */
  readonly name: string;
  readonly type: ArtifactType;
  readonly mediaType: string;
  /** Path below `out`, where the tool writes a file; absent when a step's stdout or stderr is the output. */
  readonly file?: string;
  /** `file` is a folder, kept whole. Its parser is given the list of its files (`TreeList` of executor/cache/tree.ts, as JSON); it is published nowhere. */
  readonly tree?: true;
  /** Names of files of a tree that are not kept: they say when it was fetched, and nothing of what is in it. */
  readonly without?: readonly string[];
  /** An absent or empty required output is a failure. Default true. */
  readonly required?: boolean;
  /** An empty output is a legal one (the tool writes nothing when clean): then the parser must find its positive signal elsewhere. */
  readonly mayBeEmpty?: boolean;
  /** Where it is published in the bundle, for example `ruff.txt` or `sbom/source.cdx.json`; absent: `reports/<category>/<tool>[.<target>].raw.<ext>`. `{target}` is replaced. */
  readonly publishAs?: string;
}

/** Text that a tool prints when it failed although its exit code says otherwise. A hit is `error-text`. */
export interface FaultText {
  readonly in: 'stdout' | 'stderr';
  /** JavaScript regular expression source, matched per line. */
  readonly pattern: string;
  readonly meaning: string;
}

/** Which files of the workspace a stage reads. Globs are picomatch-like: `**`, `*`, `?`, `{a,b}`; matched case-sensitively. */
export interface Selection {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** One artifact of another stage that a stage reads. */
export interface Consumption {
  readonly name: string;
  readonly type: ArtifactType;
  readonly from: ToolId | string;
  /** Used where it is there: `CommandContext.artifacts` tells. */
  readonly optional?: true;
  /** The tool writes into it: it is given a copy of its own. */
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
  /** Linux capabilities or devices; refused where the runtime cannot grant them. */
  readonly privileges?: readonly string[];
}

/** The part of a definition that is plain data and stands in the generated registry. */
export interface StageData {
  readonly id: string;
  readonly kind: 'scan' | 'sbom' | 'database';
  readonly category: Category;
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

export interface CommandContext<Options> {
  readonly options: Options;
  readonly provider: Provider;
  /** Extra arguments from the manifest's `tools.<id>.args`; the stage says where they go. */
  readonly args: readonly string[];
  readonly target: CommandTarget;
  /** Names of the consumed artifacts that the plan has a producer for. */
  readonly artifacts: ReadonlySet<string>;
}

/** Decoded outputs by name; an optional output that was not written is absent. */
export type RawOutputs = Readonly<Record<string, string | undefined>>;

export interface ParseContext<Options = unknown> {
  readonly options: Options;
  readonly target: CommandTarget;
  /** A path or file URI as the tool wrote it, to one relative to the workspace; undefined if it lies outside. */
  relative(path: string): string | undefined;
  /** Number of files in the input set. */
  readonly filesGiven: number;
  /** Logs of each step, for tools whose positive signal stands there. */
  readonly log: { readonly stdout: string; readonly stderr: string };
}

/** Proof that the tool looked: how many of what, and where that was read. */
export interface Examined {
  readonly count: number;
  readonly unit: 'files' | 'lines' | 'bytes' | 'packages' | 'requests' | 'resources' | 'rules' | 'inputs';
  /** For example `metrics._totals.loc in the report`. */
  readonly evidence: string;
}

/** Something the report's reader should know that is no finding, for example a file the tool could not parse. */
export interface Note {
  readonly message: string;
  readonly path?: string;
}

export type ParseOutcome =
  | {
      readonly ok: true;
      readonly findings: readonly ParsedFinding[];
      readonly examined: Examined;
      readonly notes: readonly Note[];
    }
  | { readonly ok: false; readonly failure: Failure };

/** Another form of the tool's report, by an older version or another `--format`, that `secplan parse` understands. */
export interface ReportVariant {
  /** For example `SARIF`. */
  readonly name: string;
  /** Pure; never throws. Nothing need be proven to have been looked at: no run of secplan's own is judged by it. */
  parse(text: string, context: ParseContext): ParseOutcome;
}

/**
 * What planning needs of a scanner besides its data; pure. `compile` loads this of a module and nothing else: what
 * reads reports, and zod, stay out of its bundle (scripts/planning-half.ts).
 */
export interface StageCommands<Options = never> {
  /** Same input, same steps. */
  steps(context: CommandContext<Options>): readonly Step[];
  /** What network a stage of this target needs; absent: `requires.network`. The manifest's own setting wins. */
  network?(target: CommandTarget): NonNullable<Requirements['network']>;
  /** Of `requires.consumes`, the names that these options make use of; absent: all. */
  consumes?(options: Options): readonly string[];
  /** What these options leave unchecked, for the verdict's list. */
  notChecked?(options: Options): readonly string[];
}

/** A scanner: data plus pure functions. The engine owns files, processes and network. */
export interface StageDefinition<Options = never> extends StageData, StageCommands<Options> {
  /** An object whose defaults stand on its first level; the manifest's schema is generated from it. */
  readonly options: z.ZodType<Options>;
  /** Pure. Foreign text in, findings or a failure out; never throws on any input. */
  parse(raw: RawOutputs, context: ParseContext<Options>): ParseOutcome;
  /** Forms of the report that the stage's own command does not write; tried by `secplan parse` only, in this order. */
  readonly variants?: readonly ReportVariant[];
  /** Takes secrets and source snippets out of a raw output before it is stored anywhere. */
  sanitize?(output: string, text: string): string;
}

/** Declares a scanner; the type ties options, command and parser together. */
export function defineStage<Options>(definition: StageDefinition<Options>): StageDefinition<Options> {
  return definition;
}

/** What the generated registry holds for each scanner. */
export interface CatalogueEntry extends StageData {
  /** sha256 over the data and the sources of the stage's folder and of the shared readers. */
  readonly definitionDigest: Digest;
  /** What options are that a manifest leaves out; those that it sets, its schema has checked. */
  readonly optionDefaults: Readonly<Record<string, unknown>>;
  /** What planning calls. */
  commands(): Promise<StageCommands<unknown>>;
  /** The whole, to judge a run and to read reports. */
  load(): Promise<StageDefinition<unknown>>;
}

/** All scanners by id. Passed in by the composition roots: the engine never names one. */
export type Catalogue = ReadonlyMap<string, CatalogueEntry>;
