import { join } from 'node:path';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { emptyLock, overlayLock } from '../../lock/lock.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import { LOCK_FILE, packagedLockPath, parseLock, readLock } from '../../lock/read-lock.ts';
import type { OwnPin } from '../../planner/ir/ir.ts';
import { type Commit, openCommit, readBlob } from '../git/git-ref.ts';

/** secplan's own pins, and what a tools.lock.json says besides. */
export interface LockLayers {
  readonly packaged: ToolsLock;
  readonly own: ToolsLock;
}

/** Both layers of a workspace. SP4001 when either is bad. */
export function lockLayers(workspace: string): Outcome<LockLayers> {
  const packaged = readLock(packagedLockPath());
  if (!packaged.ok) return packaged;
  const own = readLock(join(workspace, LOCK_FILE));
  if (!own.ok) return own;
  return success({ packaged: packaged.value ?? emptyLock(), own: own.value ?? emptyLock() });
}

/** The layers with the tools.lock.json of a commit in place of the workspace's. SP4001 when it is bad. */
export async function lockLayersAt(commit: Commit, { packaged }: LockLayers): Promise<Outcome<LockLayers>> {
  const blob = await openCommit(commit, (open) => readBlob(open, LOCK_FILE));
  if (blob === undefined) return success({ packaged, own: emptyLock() });
  const own = parseLock(blob.toString('utf8'), `${LOCK_FILE} at ${commit.ref}`);
  return own.ok ? success({ packaged, own: own.value }) : failed(own.diagnostics);
}

/** Every pin of the file's own, sorted as the file is. */
export function ownPins({ packaged, own }: LockLayers): readonly OwnPin[] {
  const tools = Object.entries(own.tools).flatMap(([tool, providers]) =>
    differing(providers, packaged.tools[tool] ?? {}, (name) => `${tool} (${name})`),
  );
  // A tool is taken whole from the file: a provider that the file leaves out is no longer pinned.
  const dropped = Object.keys(own.tools).flatMap((tool) =>
    Object.entries(packaged.tools[tool] ?? {})
      .filter(([name]) => !Object.hasOwn(own.tools[tool] ?? {}, name))
      .map(([name, entry]): OwnPin => ({ ...pinOf(`${tool} (${name})`, entry), state: 'dropped' })),
  );
  return [
    ...tools,
    ...dropped,
    ...differing(own.installers ?? {}, packaged.installers ?? {}, (name) => `installer ${name}`),
    ...differing(own.images ?? {}, packaged.images ?? {}, (name) => `image ${name}`),
  ];
}

/** The workspace's layer over the package's own, tool by tool. */
export function wholeLock({ packaged, own }: LockLayers): ToolsLock {
  return overlayLock(packaged, own);
}

type Pins = Readonly<Record<string, LockedProvider>>;

function differing(own: Pins, packaged: Pins, what: (name: string) => string): readonly OwnPin[] {
  return Object.entries(own)
    .filter(([name, { digest }]) => !Object.hasOwn(packaged, name) || packaged[name]?.digest !== digest)
    .map(([name, entry]) => pinOf(what(name), entry));
}

function pinOf(what: string, { package: name, version, digest }: LockedProvider): OwnPin {
  return { what, state: 'pinned', package: name, version, digest };
}
