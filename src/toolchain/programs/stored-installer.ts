import { join } from 'node:path';
import { type Attempt, refuse } from '../shared/problem.ts';
import { openEntry, type Store, type StoreEntry, type StoreRef } from '../shared/store.ts';

interface InstallerSource {
  /** For messages. */
  readonly name: string;
  readonly offline: boolean;
  readonly build: Parameters<Store['install']>[1];
}

/** The program of an installer that the lock pins: from the store, else built into it. SP4005 offline, and what the build refuses. */
export async function storedInstaller(
  store: Store,
  ref: StoreRef,
  { name, offline, build }: InstallerSource,
): Promise<Attempt<{ path: string }>> {
  const present = await openEntry(store, ref);
  // One that was changed is fetched anew: it is no scanner that anybody would name.
  if (!present.ok) await store.remove(ref);
  const entry = present.ok ? present.entry : undefined;
  if (entry !== undefined) return { ok: true, path: programOf(entry) };
  if (offline) return refuse('SP4005', `${name} is not installed and --offline forbids downloading it`);
  const installed = await store.install(ref, build);
  return installed.ok ? { ok: true, path: programOf(installed.entry) } : installed;
}

function programOf({ dir, ready }: StoreEntry): string {
  return join(dir, ready.executable);
}
