import { CODES, type DiagnosticCode, type DiagnosticLevel } from './codes.ts';

/** A place in a file the user wrote. Lines and columns count from 1; columns count Unicode code points. */
export interface Place {
  /** Relative to the workspace, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The line of a place as views print it: without what could be a secret, and cut around the column where it is long. */
export interface SourceLine {
  readonly text: string;
  /** First underlined code point of `text`, from 0. */
  readonly from: number;
  /** Underlined code points, at least 1. */
  readonly length: number;
}

export interface Related {
  readonly message: string;
  readonly place?: Place;
}

/** What went wrong, where, and what to do. Data only: views render it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly level: DiagnosticLevel;
  /** One line, no trailing full stop. */
  readonly summary: string;
  /** What to do about it, one sentence or more. */
  readonly help?: string;
  readonly place?: Place;
  /** Absent where the line is unknown or could show a secret. */
  readonly source?: SourceLine;
  /** JSON pointer into the manifest, where the diagnostic is about one. */
  readonly pointer?: string;
  /** The offending value, as short text. */
  readonly value?: string;
  /** What would have been allowed. */
  readonly allowed?: readonly string[];
  readonly didYouMean?: string;
  readonly related: readonly Related[];
}

type Details = Omit<Partial<Diagnostic>, 'code' | 'level' | 'summary'>;

/** Mints a diagnostic; its level is the code's and cannot be chosen. */
export function diagnostic(code: DiagnosticCode, summary: string, details: Details = {}): Diagnostic {
  return { code, level: CODES[code].level, summary, related: [], ...details };
}

export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.level === 'error';
}
