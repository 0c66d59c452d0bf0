import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { machineKey } from '../installers/release.ts';
import { findProgram } from '../programs/find-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

interface PackageLock {
  readonly packages?: Readonly<
    Record<string, { version?: string; integrity?: string; os?: string[]; cpu?: string[]; dev?: boolean }>
  >;
}

/** An npm package with the tree npm would make of it on this machine; packages for other machines are left out. */
export async function resolveNpm(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const npm = findProgram('npm', context.env.PATH ?? '', context.workspace);
  if (npm.found !== 'yes') return refuse('SP4006', 'npm is not on PATH', 'Install Node.js with npm.');
  const dependencies = { [context.package]: context.version ?? 'latest' };
  await writeFile(join(context.scratch, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const result = await context.run(
    npm.path,
    ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
    { cwd: context.scratch, env: context.env, timeoutMs: RESOLVE_TIMEOUT_MS },
  );
  if (result.code !== 0) return refuse('SP4003', `npm install --package-lock-only: ${tailOf(result)}`);
  const lock = JSON.parse(await readFile(join(context.scratch, 'package-lock.json'), 'utf8')) as PackageLock;
  const packages: LockedPackage[] = [];
  for (const [path, item] of Object.entries(lock.packages ?? {})) {
    if (path === '' || !fits(item.os, process.platform) || !fits(item.cpu, process.arch)) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const hash = item.integrity?.split(' ').find((text) => text.startsWith('sha512-'));
    if (item.version === undefined || hash === undefined) {
      return refuse('SP4003', `npm gives no sha512 for ${name}`);
    }
    packages.push({ name, version: item.version, hashes: [hash], path });
  }
  const own = packages.find((item) => item.path === `node_modules/${context.package}`);
  if (!own) return refuse('SP4003', `npm did not return ${context.package}`);
  return {
    ok: true,
    resolution: {
      version: own.version,
      packages: [own, ...packages.filter((item) => item !== own)],
      platform: { machine: machineKey() },
    },
  };
}

function fits(allowed: readonly string[] | undefined, own: string): boolean {
  return (
    !allowed ||
    allowed.includes(own) ||
    (allowed.every((name) => name.startsWith('!')) && !allowed.includes(`!${own}`))
  );
}
