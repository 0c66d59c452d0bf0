/** How serious a diagnostic is. An `error` cannot be re-levelled. */
export type DiagnosticLevel = 'error' | 'warning' | 'note';

/** What a code means. */
export interface CodeEntry {
  readonly level: DiagnosticLevel;
  readonly title: string;
  /** What `secplan explain CODE` prints: why it is reported and what to do. */
  readonly explain: string;
}

/** Declares a code. */
export function entry(level: DiagnosticLevel, title: string, explain: string): CodeEntry {
  return { level, title, explain };
}
