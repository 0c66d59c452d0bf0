import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** secplan as a user has it: packed, and installed into a folder that holds nothing else. */
export interface InstalledPackage {
  /** The tarball that `npm pack` made. */
  readonly tarball: string;
  /** The folder that `npm install` filled. */
  readonly modules: string;
  /** Root of the installed package. */
  readonly folder: string;
  /** What `secplan` starts. */
  readonly bin: string;
}

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

/** What lies where after `packAndInstall`. */
export function installedAt(dir: string): InstalledPackage {
  const modules = join(dir, 'node_modules');
  const folder = join(modules, 'secplan');
  return { tarball: join(dir, 'secplan.tgz'), modules, folder, bin: join(folder, 'bin/secplan.mjs') };
}

/**
 * Packs the repository at `root`, its build included, and installs the tarball into `dir` without a registry: the one
 * file is all that is needed. @throws when npm fails, with what it wrote
 */
export function packAndInstall(root: string, dir: string): InstalledPackage {
  mkdirSync(dir, { recursive: true });
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', [...args, ...QUIET], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const packed = npm(['pack', '--pack-destination', dir], root).trim().split('\n').at(-1) ?? '';
  const installed = installedAt(dir);
  renameSync(join(dir, packed), installed.tarball);
  writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');
  npm(['install', '--offline', installed.tarball], dir);
  return installed;
}
