import { cpSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './measure.ts';

const PARTS = ['bin', 'dist', 'schema', 'rules', 'assets', 'tools.lock.json', 'package.json'];

/** Builds the package and copies what is published of it, so that a build meanwhile does not change what is measured. */
export function copyPackage(root: string, node: string, dir: string): string {
  run({ argv: [node, 'scripts/build.ts'], cwd: root });
  mkdirSync(dir, { recursive: true });
  for (const part of PARTS) {
    if (existsSync(join(root, part))) cpSync(join(root, part), join(dir, part), { recursive: true });
  }
  // Of the sources only what scanners are given is published.
  cpSync(join(root, 'src', 'stages'), join(dir, 'src', 'stages'), {
    recursive: true,
    filter: (path) => (statSync(path).isDirectory() ? !path.includes('/cases') : path.includes('/assets/')),
  });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return join(dir, 'bin', 'secplan.mjs');
}
