import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstalledPackage, installedAt } from '../../scripts/pack-and-install.ts';
import type * as Library from '../../src/index.ts';

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

/**
 * What `secplan` starts where the optional Dagger SDK is installed beside it, for tests on a real engine. A folder of
 * this process, removed when it ends.
 */
export function installedWithSdk(): string {
  const base = mkdtempSync(join(tmpdir(), 'secplan-with-sdk-'));
  process.once('exit', () => rmSync(base, { recursive: true, force: true }));
  const modules = join(base, 'node_modules');
  cpSync(INSTALLED.folder, join(modules, 'secplan'), { recursive: true });
  symlinkSync(new URL('../../node_modules/@dagger.io', import.meta.url), join(modules, '@dagger.io'));
  return installedAt(base).bin;
}

/** The library as it ships, for tests that look at what a run returns. */
export async function installedLibrary(): Promise<typeof Library> {
  return (await import(join(INSTALLED.folder, 'dist/index.js'))) as typeof Library;
}
