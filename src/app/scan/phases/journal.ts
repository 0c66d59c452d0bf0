import { mkdir, rm } from 'node:fs/promises';
import { diagnostic } from '../../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { bundleId } from '../../../evidence/bundle/bundle-id.ts';
import {
  findResumable,
  openJournal,
  type Journal as RunJournal,
  removeDeadRuns,
  workFolder,
} from '../../../executor/engine/journal.ts';
import { keepOutOfGit } from '../../workspace/keep-out-of-git.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';
import type { Workspace } from './workspace.ts';

export interface Journal {
  readonly journal: RunJournal;
  /** Absolute, empty: for what is of no use after the run. */
  readonly workDir: string;
}

type Needs = ScanStart & Planned & Workspace;

/** Opens a new journal, or with `--resume` that of the unfinished run of the same plan: SP5002, SP5003, SP5006. */
export async function journal(context: Needs): Promise<Outcome<Journal>> {
  const opened = context.options.resume ? resumed(context) : started(context);
  if (!opened.ok) return opened;
  const { exportDir, prepared, resources } = context;
  keepOutOfGit(exportDir, prepared.workspace);
  resources.defer(() => opened.value.close());
  const workDir = workFolder(opened.value.dir);
  resources.defer(() => rm(workDir, { recursive: true, force: true }).catch(() => undefined));
  await rm(workDir, { recursive: true, force: true });
  await mkdir(workDir, { recursive: true });
  return success({ journal: opened.value, workDir });
}

function resumed({ exportDir, prepared }: Needs): Outcome<RunJournal> {
  const found = findResumable(exportDir, prepared.plan.planDigest);
  if (found !== undefined) return success(found);
  return failed([
    diagnostic('SP5006', 'no unfinished run of this plan', {
      help: `Looked in ${exportDir}. Run without --resume.`,
    }),
  ]);
}

function started({ exportDir, inventory, options, prepared, startedAt }: Needs): Outcome<RunJournal> {
  removeDeadRuns(exportDir);
  const { planDigest } = prepared.plan;
  const base = options.bundleId ?? bundleId(startedAt, inventory.git?.sha ?? null);
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? base : `${base}-${attempt}`;
    const opened = openJournal({ exportDir, bundleId: id, planDigest, nowMs: startedAt });
    if (!opened.ok) return opened;
    if (opened.value !== null) return success(opened.value);
  }
}
