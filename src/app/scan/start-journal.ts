import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { bundleId } from '../../evidence/bundle/bundle-id.ts';
import { findResumable, type Journal, openJournal, removeDeadWork } from '../../executor/engine/journal.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import type { PreparedScan } from '../prepare/prepare-scan.ts';

/** A new run's journal, or with `--resume` that of the unfinished run of the same plan. */
export function startJournal(
  exportDir: string,
  options: ScanOptions,
  { plan }: PreparedScan,
  nowMs: number,
  sha: string | null,
): Outcome<Journal> {
  if (options.resume) {
    const found = findResumable(exportDir, plan.planDigest);
    if (found !== undefined) return success(found);
    return failed([
      diagnostic('SP5006', 'no unfinished run of this plan', {
        help: `Looked in ${exportDir}. Run without --resume.`,
      }),
    ]);
  }
  removeDeadWork(exportDir);
  const base = options.bundleId ?? bundleId(nowMs, sha);
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? base : `${base}-${attempt}`;
    const opened = openJournal({ exportDir, bundleId: id, planDigest: plan.planDigest, nowMs });
    if (!opened.ok) return opened;
    if (opened.value !== null) return success(opened.value);
  }
}
