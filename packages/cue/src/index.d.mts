/** CUE's own version, as built into the wasm. */
export const CUE_VERSION: string;

/** Where something is written. Lines and columns start at 1; a column counts Unicode code points, not bytes. */
export interface CuePosition {
  file: string;
  line: number;
  column: number;
}

export interface CueError {
  /** `build` is a contradiction between files (package names) or an import that is not used. */
  code: 'syntax' | 'import-refused' | 'attribute-refused' | 'build' | 'evaluation' | 'output-too-large';
  /** CUE's own words, without the path. */
  message: string;
  /** JSON pointer to the value, '' where the error is of no value. Definitions keep their `#`. */
  path: string;
  /** In CUE's order, of all that took part: each side of a conflict, a schema's field and what it applies to. */
  positions: CuePosition[];
}

export type CueResult =
  | {
      ok: true;
      /** The exported JSON text, fields in CUE's order, without spaces. */
      json: string;
      /** JSON pointer of each value, '' for the root, to where that value is written. */
      positions: Record<string, CuePosition>;
      /** JSON pointer of each field to where its label is written; array elements and computed fields have none. */
      keys: Record<string, CuePosition>;
    }
  | { ok: false; reason: 'invalid'; errors: CueError[] }
  | { ok: false; reason: 'timeout'; timeoutMs: number; errors: [] }
  | { ok: false; reason: 'memory'; maxMemoryBytes: number; errors: [] }
  | { ok: false; reason: 'crash'; detail: string; errors: [] };

export interface CueOptions {
  /**
   * Path of a definition in the given files, such as `#Manifest`, with which the whole is unified and by which it is
   * closed. (Embedding it at the top of a file closes nothing.)
   */
  definition?: string;
  /** Milliseconds of wall time after which the evaluation is stopped, 10,000 unless told. */
  timeoutMs?: number;
  /** Most the evaluator's memory can grow to, in bytes; 512 MiB unless told, about 9 MiB at least. */
  maxMemoryBytes?: number;
  /** Longest JSON text that is exported, in bytes; 16 MiB unless told. */
  maxOutputBytes?: number;
}

/**
 * Evaluates CUE files unified with each other and exports the result as JSON, as `cue export` does.
 * The first file is the manifest: its places are preferred over those of the others. CUE's standard packages can be
 * imported; other modules, `@embed`, `@tag` and whatever else reads from outside of the given files are refused.
 * Every failure is a value; TypeError only for no files at all.
 */
export function exportCue(files: Record<string, string>, options?: CueOptions): Promise<CueResult>;
