import { readFile } from 'node:fs/promises';
import { tailOf } from '../../io/run-program.ts';
import { findProgram } from '../programs/find-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { RESOLVE_TIMEOUT_MS, type Resolution, type ResolveContext } from './context.ts';

/** One Debian package of this machine's suite and architecture, without its dependencies: those of the base system. */
export async function resolveDebian(context: ResolveContext): Promise<Attempt<{ resolution: Resolution }>> {
  const apt = findProgram('apt-cache', context.env.PATH ?? '', context.workspace);
  if (apt.found !== 'yes') return refuse('SP4006', 'apt-cache is not on PATH: not a Debian system');
  const wanted = context.version === undefined ? context.package : `${context.package}=${context.version}`;
  const result = await context.run(apt.path, ['show', '--no-all-versions', wanted], {
    cwd: context.scratch,
    env: context.env,
    timeoutMs: RESOLVE_TIMEOUT_MS,
  });
  const version = /^Version: (\S+)$/m.exec(result.stdout)?.[1];
  const hash = /^SHA256: ([0-9a-f]{64})$/m.exec(result.stdout)?.[1];
  if (result.code !== 0 || version === undefined || hash === undefined) {
    return refuse(
      'SP4003',
      `apt-cache show: ${tailOf(result) || 'no SHA256'}`,
      'Refresh the lists: apt-get update.',
    );
  }
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1] ?? 'unknown';
  const architecture = /^Architecture: (\S+)$/m.exec(result.stdout)?.[1] ?? 'unknown';
  const item = { name: context.package, version, hashes: [`sha256:${hash}`] };
  return { ok: true, resolution: { version, packages: [item], platform: { suite, architecture } } };
}
