import type { Diagnostic } from '../../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { type StartedListing, startListing } from '../../../executor/inventory/list-files.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import { toolStages } from '../../plan-facts/tool-stages.ts';
import { type PreparedScan, prepareScan } from '../../prepare/prepare-scan.ts';
import { placeOf } from '../../runtime/place-of.ts';
import { requirePins } from '../../runtime/require-pins.ts';
import { pullRequestOf } from '../../trust/pull-request.ts';
import type { ScanStart } from '../frame/scan-start.ts';

export interface Planned {
  readonly prepared: PreparedScan;
  /** Git's list of the workspace's files, on its way; undefined for a plan file. */
  readonly listing: StartedListing | undefined;
}

/** Compiles the manifest, or reads the plan file. Under `--locked` all of its tools must be pinned: SP4002. */
export async function plan({ cwd, env, options, log }: ScanStart): Promise<Outcome<Planned>> {
  let listing: StartedListing | undefined;
  // Git needs about as long as planning does, and another core.
  const onResolved = (workspace: string): void => {
    listing = startListing(workspace);
  };
  const around = { cwd, env, onResolved, pullRequest: pullRequestOf(env), trust: 'require' } as const;
  const prepared = await prepareScan(options, around);
  if (!prepared.ok) return prepared;
  const unpinned = options.locked ? unpinnedTools(prepared.value) : [];
  // They stand for the warnings that planning has of the same tools.
  if (unpinned.length > 0) return failed(unpinned);
  log.announce(prepared.diagnostics);
  return success({ prepared: prepared.value, listing });
}

function unpinnedTools({ plan, lock, runtime }: PreparedScan): readonly Diagnostic[] {
  // A runtime that is not in this version is refused by itself.
  return runtime === 'managed' ? [] : requirePins(toolStages(plan), lock, catalogue, placeOf(runtime));
}
