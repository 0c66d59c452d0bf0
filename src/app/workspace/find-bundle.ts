import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where bundles go when `--export-dir` is not given, below the workspace. */
export const DEFAULT_EXPORT_DIR = 'build/security-results';

/**
 * The folder that BUNDLE names: a path, a bundle id in the export folder, or `latest` (the default). The export
 * folder is looked for from the working folder upwards, so that it is found from anywhere in the workspace.
 */
export async function findBundle(cwd: string, bundle = 'latest', exportDir?: string): Promise<string> {
  const direct = resolve(cwd, bundle);
  if (bundle.includes('/') || (bundle !== 'latest' && (await isFolder(direct)))) return direct;
  if (exportDir !== undefined) return join(resolve(cwd, exportDir), bundle);
  for (let folder = cwd; ; folder = dirname(folder)) {
    const candidate = join(folder, DEFAULT_EXPORT_DIR, bundle);
    if (await isFolder(candidate)) return candidate;
    if (folder === dirname(folder)) return join(cwd, DEFAULT_EXPORT_DIR, bundle);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
