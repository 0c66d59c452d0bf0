import { lstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { findRepository } from '../../io/find-repository.ts';
import { realPathOf } from '../../io/paths.ts';
import { checkExportDir } from './check-export-dir.ts';

/** Where bundles go when `--export-dir` is not given, below the workspace. */
export const DEFAULT_EXPORT_DIR = 'build/security-results';

const LATEST = 'latest';

/** Which bundle a command is about. */
export interface BundleRequest {
  /** Absolute. */
  readonly cwd: string;
  /** A path, a bundle id in the export folder, or `latest` (the default). */
  readonly bundle?: string | undefined;
  readonly exportDir?: string | undefined;
}

/**
 * The folder that a request names; it need not be there. The export folder is looked for from the working folder upwards, so that it
 * is found from anywhere in the workspace. SP5088 where the scanned tree brings it along. A path to a bundle is the caller's own
 * choice, but for a `latest` that is a link: that one says what is chosen.
 */
export async function findBundle({
  cwd,
  bundle = LATEST,
  exportDir,
}: BundleRequest): Promise<Outcome<string>> {
  const direct = resolve(cwd, bundle);
  if (bundle.includes('/') || (bundle !== LATEST && (await isFolder(direct)))) {
    const isLink =
      basename(direct) === LATEST && lstatSync(direct, { throwIfNoEntry: false })?.isSymbolicLink();
    return isLink ? inExportDir(dirname(direct), LATEST, rootOf(cwd)) : success(direct);
  }
  if (exportDir !== undefined) return inExportDir(resolve(cwd, exportDir), bundle, rootOf(cwd));
  for (let folder = cwd; ; folder = dirname(folder)) {
    const candidate = join(folder, DEFAULT_EXPORT_DIR);
    if (await isFolder(join(candidate, bundle))) return inExportDir(candidate, bundle, folder);
    if (folder === dirname(folder)) return success(join(cwd, DEFAULT_EXPORT_DIR, bundle));
  }
}

async function inExportDir(exportDir: string, bundle: string, workspace: string): Promise<Outcome<string>> {
  const refused = await checkExportDir(exportDir, workspace);
  return refused === undefined ? success(join(exportDir, bundle)) : failed([refused]);
}

/** What the tree is for a folder that was named: the repository around the working folder, else that one. */
function rootOf(cwd: string): string {
  const repository = findRepository(realPathOf(cwd), process.env.PATH);
  return repository.ok ? repository.place.workTree : cwd;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
