import { execFileSync } from 'node:child_process';
import { type InstalledPackage, installedAt } from '../../scripts/pack-and-install.ts';

const INSTALL = new URL('install-once.ts', import.meta.url).pathname;

/**
 * secplan as it ships, packed and installed once for everything that starts it, and again when a file that goes into
 * it has changed. Called when a test file is loaded, never within a test: the first call takes as long as a build.
 */
function install(): InstalledPackage {
  const dir = execFileSync(process.execPath, [INSTALL], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return installedAt(dir.trim());
}

/** The package that all tests of the command line run. */
export const INSTALLED = install();

/**
 * What every start of it is given: V8's compiled code is kept beside the package, not in a home that a test throws away.
 */
export const START_ENV: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: `${INSTALLED.modules}/.compiled`,
};
