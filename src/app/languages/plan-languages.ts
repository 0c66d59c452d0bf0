import { join, resolve } from 'node:path';
import { textsOf } from '../../core/gap.ts';
import { cacheDir } from '../../executor/cache/open-caches.ts';
import { takeInventory } from '../../executor/inventory/take-inventory.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { DEFAULT_EXPORT_DIR } from '../workspace/find-bundle.ts';
import { plannedFiles } from './given-files.ts';
import { languageCoverage } from './language-coverage.ts';

/**
 * A line a language of the workspace: what a plan would read of it. Reads first lines of scripts only and writes nothing;
 * where the workspace cannot be listed, a run says so.
 * @param workspace absolute
 */
export async function planLanguages(
  plan: Plan,
  workspace: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const listed = await takeInventory({
    root: workspace,
    exportDir: resolve(join(workspace, DEFAULT_EXPORT_DIR)),
    cacheDir: cacheDir(env),
    // No file: what earlier runs remember saves reading, and nothing is read.
    indexFile: '/dev/null',
  });
  if (!listed.ok) return [];
  const inventory = listed.value;
  const given = plannedFiles(plan, inventory);
  return textsOf(languageCoverage({ plan, inventory, given, catalogue }));
}
