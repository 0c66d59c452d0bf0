import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathBelow } from '../../io/paths.ts';

/**
 * Puts a .gitignore into an export folder of the workspace, as other tools do with their caches: `git add .` after a run would
 * track the bundle, and an export folder with tracked files is refused. One that is there stays.
 * @param exportDir absolute, exists
 */
export function keepOutOfGit(exportDir: string, workspace: string): void {
  if (pathBelow(workspace, exportDir) === undefined) return;
  try {
    writeFileSync(
      join(exportDir, '.gitignore'),
      '# Made by secplan: bundles are not part of the sources.\n*\n',
      { flag: 'wx' },
    );
  } catch {
    // One is there, or the disk is full, which what is written next will say.
  }
}
