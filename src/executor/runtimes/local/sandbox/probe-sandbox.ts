import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../../../core/result.ts';
import type { AttackRecord } from '../../../ports.ts';
import { filteredArch } from '../../shared/seccomp-filter.ts';
import { attackSandbox } from './attack-sandbox.ts';
import { Identities } from './identity.ts';
import { runInside } from './run-inside.ts';
import { type Ability, type SandboxAbilities, writeEtc } from './sandbox-argv.ts';
import { startWarden } from './warden.ts';
import { type SandboxFiles, type SandboxParts, WorkingSandbox } from './working-sandbox.ts';

/** Never looked up through PATH: that may lead into the scanned tree. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin', '/run/current-system/sw/bin'];

/** `full`: only for want of room, so that the sandbox itself is not known to be at fault. */
export type SandboxProbe = Result<
  { readonly sandbox: WorkingSandbox; readonly attacks: AttackRecord },
  { readonly detail: string; readonly full?: boolean; readonly attacks?: AttackRecord }
>;

/** In the order in which they are added where not all of them work together. */
const ABILITIES: readonly Ability[] = ['sized', 'filter', 'disableUserns', 'ownUser'];
const NONE: SandboxAbilities = { sized: false, filter: false, disableUserns: false, ownUser: false };

/**
 * Tries bubblewrap by really running it, with every option that stages get; what this machine lacks is left out, and said in
 * `notEnforced`. Then a scanner's part is played inside: where something works that must not, this is no sandbox. Takes about
 * 20 ms. The sandbox's own files are kept in a folder below `tempDir`.
 */
export async function probeSandbox(bwrapPath?: string, tempDir = tmpdir()): Promise<SandboxProbe> {
  const bwrap = bwrapPath ?? systemProgram('bwrap');
  if (bwrap === undefined) return { ok: false, detail: 'bubblewrap (bwrap) is not installed' };
  let dir: string | undefined;
  let files: SandboxFiles;
  try {
    dir = mkdtempSync(join(tempDir, 'secplan-etc-'));
    files = writeFiles(dir);
  } catch (error) {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
    const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    return { ok: false, detail: `the temporary folder cannot be written: ${String(error)}`, full };
  }
  const programs = { bwrap, prlimit: programInside('prlimit'), setpriv: programInside('setpriv') };
  const identities = programs.setpriv === undefined ? undefined : Identities.of(systemProgram('unshare'));
  const parts = { programs, files, identities, warden: startWarden(dir) };
  const found = await findAbilities(parts);
  const sandbox = new WorkingSandbox({ ...parts, can: 'why' in found ? NONE : found.can });
  const attacks = 'why' in found ? found.why : await tryAttacks(sandbox, found.can, files.dir);
  if (typeof attacks === 'string') {
    sandbox.dispose();
    return { ok: false, detail: attacks };
  }
  if (attacks.worked.length === 0) return { ok: true, sandbox, attacks };
  sandbox.dispose();
  return { ok: false, detail: `in it a scanner can ${attacks.worked.join(', ')}`, attacks };
}

/** What a scanner can do in it that it must not, or why that cannot be tried. */
async function tryAttacks(
  sandbox: WorkingSandbox,
  can: SandboxAbilities,
  outside: string,
): Promise<AttackRecord | string> {
  try {
    const open = await sandbox.open({ shown: [], written: [] });
    return await attackSandbox(open, can, outside).finally(() => open.release());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** All that is wanted, if that works; else as much of it as does. */
async function findAbilities(
  parts: Omit<SandboxParts, 'can'>,
): Promise<{ readonly can: SandboxAbilities } | { readonly why: string }> {
  const ownUser = parts.identities !== undefined;
  const wanted = { sized: true, filter: filteredArch() !== undefined, disableUserns: !ownUser, ownUser };
  if ((await attempt(parts, wanted)) === undefined) return { can: wanted };
  const why = await attempt(parts, NONE);
  if (why !== undefined) return { why };
  let can = NONE;
  for (const ability of ABILITIES) {
    const more = { ...can, [ability]: true };
    if (wanted[ability] && (await attempt(parts, more)) === undefined) can = more;
  }
  return { can };
}

/** Why a sandbox with these abilities does not work; undefined when it does. */
async function attempt(parts: Omit<SandboxParts, 'can'>, can: SandboxAbilities): Promise<string | undefined> {
  const sandbox = new WorkingSandbox({ ...parts, can });
  const out = join(parts.files.dir, 'out');
  try {
    mkdirSync(out, { recursive: true });
    const open = await sandbox.open({ shown: [], written: [out] });
    try {
      const mounts = [...open.tmp(2 ** 20), '--bind', out, '/out', '--remount-ro', '/'];
      const end = await runInside(open, mounts, ['/bin/sh', '-c', ': > /out/probe && : > /tmp/home/probe']);
      return end.code === 0 ? undefined : end.said;
    } finally {
      open.release();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Readable by all: the process inside may be another user. The folder itself is this user's only. */
function writeFiles(dir: string): SandboxFiles {
  const etc = join(dir, 'etc');
  mkdirSync(etc);
  writeEtc(etc);
  return { dir, etc };
}

/** Absolute path of a program in the system's own folders. */
export function systemProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** One that a sandbox has, too. */
function programInside(name: string): string | undefined {
  const path = systemProgram(name);
  return path !== undefined && /^\/(?:usr\/)?s?bin\//.test(path) ? path : undefined;
}
