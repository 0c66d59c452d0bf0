import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './measure.ts';

/** The peers, by exact version; never dependencies of the project. */
export const PEERS = { turbo: '2.11.11', nx: '24.0.6', lage: '2.17.0', wireit: '0.14.13' } as const;
export const CUE_VERSION = 'v0.17.1';

/** Installs the peers into a folder outside the repository, or finds them there. Gives its `node_modules`. */
export function installPeers(dir: string): string {
  const modules = join(dir, 'node_modules');
  const wanted = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);
  if (Object.keys(PEERS).every((name) => existsSync(join(modules, name)))) return modules;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n');
  run({ argv: ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', ...wanted], cwd: dir });
  return modules;
}

/** turbo's own executable: what its npm package starts. */
export function turboBinary(modules: string): string {
  const platform = readdirSync(join(modules, '@turbo')).find((name) =>
    existsSync(join(modules, '@turbo', name, 'bin', 'turbo')),
  );
  if (platform === undefined) throw new Error('turbo has no executable for this platform');
  return join(modules, '@turbo', platform, 'bin', 'turbo');
}

/** The `cue` command, built by Go into a folder outside the repository; undefined without Go. */
export function cueBinary(dir: string): string | undefined {
  const bin = join(dir, 'cue');
  if (existsSync(bin)) return bin;
  mkdirSync(dir, { recursive: true });
  try {
    run({ argv: ['go', 'install', `cuelang.org/go/cmd/cue@${CUE_VERSION}`], env: { GOBIN: dir } });
    return bin;
  } catch {
    return undefined;
  }
}
