import type { Digest } from '../../core/ids.ts';
import type { StageCommand } from './command.ts';
import type { StageReport } from './report.ts';
import type { StageData } from './stage.ts';

/** What the generated catalogue holds for each scanner. */
export interface CatalogueEntry extends StageData {
  /** sha256 over its three modules and what they import below src/, without comments: scripts/definition-digest.ts. */
  readonly definitionDigest: Digest;
  /** What options are that a manifest leaves out; those that it sets, its schema has checked. */
  readonly optionDefaults: Readonly<Record<string, unknown>>;
  /** Loads what planning calls. */
  command(): Promise<StageCommand<unknown>>;
  /** Loads what reads its outputs: to judge a run, and to read reports made elsewhere. */
  report(): Promise<StageReport<unknown>>;
}

/** All scanners by id. Passed in by the composition roots: the engine never names one. */
export type Catalogue = ReadonlyMap<string, CatalogueEntry>;
