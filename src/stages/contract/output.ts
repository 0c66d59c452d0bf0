import type { ArtifactType } from './artifact.ts';

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
