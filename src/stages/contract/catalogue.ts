import type { Digest } from '../../core/ids.ts';
import type { StageCommands } from './command.ts';
import type { StageDefinition } from './definition.ts';
import type { StageData } from './stage.ts';

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
