import { join } from 'node:path';
import { type Outcome, success } from '../../../core/outcome.ts';
import type { Bundle } from './bundle.ts';
import type { Journal } from './journal.ts';
import type { Workspace } from './workspace.ts';

export interface Sealed {
  /** Absolute. */
  readonly bundleDir: string;
}

/** Gives the bundle its checksums and its place, and makes it the latest. @throws the file system's errors */
export async function seal({
  exportDir,
  journal,
  writer,
}: Workspace & Journal & Bundle): Promise<Outcome<Sealed>> {
  const id = await writer.seal(journal.bundleId);
  return success({ bundleDir: join(exportDir, id) });
}
