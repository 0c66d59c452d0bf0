import type { Failure } from '../../core/failure.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { readTree, storeTree } from '../cache/tree.ts';
import type { BlobStore } from '../ports.ts';
import type { StoredOutputs } from '../stage-artifacts.ts';
import { type DoneResult, resultBase } from '../stage-result.ts';
import type { StageTimer } from './stage-timer.ts';

interface CarriedIn {
  readonly stage: ToolStage;
  readonly blobs: BlobStore;
  readonly entry: CatalogueEntry;
  /** Absolute. */
  readonly folder: string;
  readonly timer: StageTimer;
}

interface Taken {
  readonly result: DoneResult;
  readonly stored: StoredOutputs;
}

/** A database that was carried in is taken as it is: its files are what consumers' keys hold. */
export async function carriedIn(request: CarriedIn): Promise<Taken | Failure> {
  const { stage, blobs, entry, folder, timer } = request;
  const spec = stage.outputSpecs.find((output) => output.tree === true);
  if (spec === undefined)
    return { reason: 'requirement-unmet', detail: `${stage.tool} cannot be provided with --databases` };
  const refused = (detail: string): Failure => ({ reason: 'requirement-unmet', detail });
  let text: string | undefined;
  try {
    text = await timer.time('write', () => storeTree(blobs, folder, spec.without));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused(`the database ${stage.tool} cannot be provided with --databases: ${error.message}`);
  }
  const files = text === undefined ? 0 : (readTree(text)?.files.length ?? 0);
  if (text === undefined || files === 0) {
    return refused(`${folder} does not contain the database ${stage.tool}`);
  }
  const bytes = Buffer.from(text, 'utf8');
  const of = await blobs.putBytes(bytes);
  const result: DoneResult = {
    ...resultBase(stage),
    state: 'done',
    findings: [],
    examined: { count: files, unit: 'files', evidence: 'the folder from --databases' },
    filesGiven: 0,
    unexamined: [],
    notes: [],
    artifacts: [],
    toolUsed: {
      name: `${entry.tool.name} (from --databases)`,
      version: null,
      digest: of,
      provider: 'carried-in',
      pinned: false,
      thirdParty: null,
    },
    cached: false,
    key: of,
    timings: timer.timings(),
    notEnforced: [],
  };
  return { result, stored: { [spec.name]: { digest: of, size: bytes.length } } };
}
