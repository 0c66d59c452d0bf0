import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LockedPackage, LockedProvider } from '../../lock/lock-types.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { copyModule } from './module-source.ts';

/** A checked copy of a module, opened for one build. */
export interface OpenedModule {
  /** Folder of the checked copy: Go's main module is built there. */
  readonly dir: string;
  /** The program's package below it, for example `./cmd/console`. */
  readonly command: string;
  /** Moves the folders that the lock keeps beside the program, and removes the rest. */
  finish(programs: string): Promise<Attempt<object>>;
}

/** A checked copy of the module that the lock builds its program in; nothing of the copy in Go's cache is started. */
export async function openModule(
  locked: LockedProvider,
  module: LockedPackage,
  cached: string,
  scratch: string,
): Promise<Attempt<OpenedModule>> {
  const path = locked.package;
  if (path !== module.name && !path.startsWith(`${module.name}/`))
    return refuse('SP4001', `${path} is not in the module ${module.name}`);
  const dir = join(scratch, '.source');
  const copied = await copyModule(cached, dir, module);
  if (!copied.ok) return copied;
  return {
    ok: true,
    dir,
    command: `.${path.slice(module.name.length)}`,
    finish: (programs) => keepFolders(dir, programs, locked.keep ?? []),
  };
}

async function keepFolders(
  source: string,
  programs: string,
  folders: readonly string[],
): Promise<Attempt<object>> {
  for (const folder of folders) {
    const from = join(source, folder);
    const found = await stat(from).catch(() => undefined);
    if (!found?.isDirectory()) return refuse('SP4003', `the module has no folder ${folder}`);
    const to = join(programs, folder);
    if (await stat(to).catch(() => undefined)) return refuse('SP4001', `${folder} would replace the program`);
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  }
  await rm(source, { recursive: true, force: true });
  return { ok: true };
}
