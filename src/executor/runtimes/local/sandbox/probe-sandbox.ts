import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseSandboxArgv, writeEtc } from './sandbox-argv.ts';
import { startWarden } from './warden.ts';

/** Never looked up through PATH: that may lead into the scanned tree. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin', '/run/current-system/sw/bin'];

/** A sandbox that was seen to work. `dispose` removes its files. */
export interface WorkingSandbox {
  readonly bwrap: string;
  /** Arguments of every sandbox, without the program's name. */
  readonly baseArgv: readonly string[];
  /** Stands in the command line of every sandbox and of nothing else: what holds it is ended when secplan is killed. */
  readonly mark: string;
  dispose(): void;
}

export type SandboxProbe =
  | { readonly ok: true; readonly sandbox: WorkingSandbox }
  /** `full`: only for want of room, so that the sandbox itself is not known to be at fault. */
  | { readonly ok: false; readonly detail: string; readonly full?: boolean };

/**
 * Tries bubblewrap by really running it, with every option that stages get. Takes about 5 ms. The sandbox's own files
 * are kept in a folder below `tempDir`.
 */
export async function probeSandbox(bwrapPath?: string, tempDir = tmpdir()): Promise<SandboxProbe> {
  const bwrap = bwrapPath ?? systemProgram('bwrap');
  if (bwrap === undefined) return { ok: false, detail: 'bubblewrap (bwrap) is not installed' };
  let etcDir: string | undefined;
  try {
    etcDir = mkdtempSync(join(tempDir, 'secplan-etc-'));
    writeEtc(etcDir);
  } catch (error) {
    if (etcDir !== undefined) rmSync(etcDir, { recursive: true, force: true });
    const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    return { ok: false, detail: `the temporary folder cannot be written: ${String(error)}`, full };
  }
  const baseArgv = baseSandboxArgv(etcDir);
  const files = etcDir;
  const warden = startWarden(files);
  const dispose = () => {
    warden.dismiss();
    rmSync(files, { recursive: true, force: true });
  };
  const detail = await run(bwrap, [
    ...baseArgv,
    '--size',
    '1048576',
    '--tmpfs',
    '/tmp',
    '--',
    '/usr/bin/env',
    'true',
  ]);
  if (detail === undefined) return { ok: true, sandbox: { bwrap, baseArgv, mark: files, dispose } };
  dispose();
  return { ok: false, detail };
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

function run(program: string, argv: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, argv, { env: { PATH: '/usr/bin:/bin' }, timeout: 10_000 }, (error, _stdout, stderr) => {
      if (error === null) return resolve(undefined);
      resolve(stderr.trim().split('\n')[0] || error.message.split('\n')[0] || 'it could not be started');
    });
  });
}
