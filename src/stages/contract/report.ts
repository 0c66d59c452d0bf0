import type { Failure } from '../../core/failure.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Result } from '../../core/result.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { CommandTarget } from './target.ts';

/** Decoded outputs by name; an optional output that was not written is absent. */
export type RawOutputs = Readonly<Record<string, string | undefined>>;

export interface ParseContext<Options = unknown> {
  readonly options: Options;
  readonly target: CommandTarget;
  /**
   * A path or file URI as the tool wrote it, to one relative to the workspace; undefined if it lies outside. Where a reader
   * had to decode it, `as.written` is what stood in the report: a file of that very name is the one that is meant.
   */
  relative(path: string, as?: { readonly written: readonly string[] }): string | undefined;
  /** Number of files in the input set. */
  readonly filesGiven: number;
  /** Their paths, relative to the workspace; empty for a report that was made elsewhere. */
  readonly given: readonly string[];
  /** Logs of each step, for tools whose positive signal stands there. */
  readonly log: { readonly stdout: string; readonly stderr: string };
}

/** Proof that the tool looked: how many of what, and where that was read. */
export interface Examined {
  readonly count: number;
  readonly unit: 'files' | 'lines' | 'bytes' | 'packages' | 'requests' | 'resources' | 'rules' | 'inputs';
  /** For example `metrics._totals.loc in the report`. */
  readonly evidence: string;
  /**
   * The files that it read, relative to the workspace. Every scanner that is `perFile` says them: what it was given and
   * is neither here nor in `unexamined` counts as a file that nobody looked at.
   */
  readonly files?: readonly string[];
}

/** Something the report's reader should know that is no finding, for example a file the tool could not parse. */
export interface Note {
  readonly message: string;
  readonly path?: string;
}

export type ParseOutcome = Result<
  {
    readonly findings: readonly ParsedFinding[];
    readonly examined: Examined;
    readonly notes: readonly Note[];
    /** Files that the tool itself says it did not check, with the reason. */
    readonly unexamined?: readonly UnexaminedFile[];
  },
  { readonly failure: Failure }
>;

/** Another form of the tool's report, by an older version or another `--format`, that `secplan parse` understands. */
export interface ReportVariant {
  /** For example `SARIF`. */
  readonly name: string;
  /** Pure; never throws. Nothing need be proven to have been looked at: no run of secplan's own is judged by it. */
  parse(text: string, context: ParseContext): ParseOutcome;
}

/** A form of the report that is known and that nothing reads: `secplan parse` says so by name. */
export interface UnreadForm {
  /** Pure; looks at the beginning of the text at most. */
  is(text: string): boolean;
  /** What it is, and what to give instead. */
  readonly detail: string;
}

/** Why a tool does not read a file that holds this, in words without text of the file; undefined where it reads it. */
export type ContentTest = (content: Uint8Array) => string | undefined;

/** How a scanner's outputs are read; pure. Loaded to judge a run and to read reports, never to plan. */
export interface StageReport<Options = never> {
  /** Foreign text in, findings or a failure out; never throws on any input. */
  parse(raw: RawOutputs, context: ParseContext<Options>): ParseOutcome;
  /**
   * For each file that it was given, what in it keeps the tool from reading it although the tool says that it did, or says
   * nothing; undefined for files that it reads whatever they hold. Asked after a real run only.
   */
  cannotRead?(options: Options, given: readonly string[]): (path: string) => ContentTest | undefined;
  /** One such file ends its whole run: it is not shown any. */
  readonly stopsAtUnread?: true;
  /** Takes secrets and source snippets out of a raw output before it is stored anywhere. */
  sanitize?(output: string, text: string): string;
  /** Forms of the report that the stage's own command does not write; tried by `secplan parse` only, in this order. */
  readonly variants?: readonly ReportVariant[];
  readonly unread?: readonly UnreadForm[];
}
