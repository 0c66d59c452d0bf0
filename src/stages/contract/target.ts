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
