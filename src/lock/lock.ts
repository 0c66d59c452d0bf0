import { byCodeUnit, digestOfJson } from '../core/canonical.ts';
import type { Digest } from '../core/ids.ts';
import type { LockedPackage, LockedProvider, ToolsLock } from './lock-types.ts';
import { TOOLS_LOCK_SCHEMA } from './lock-types.ts';

/** The tool digest: sha256 of the canonical JSON of an entry without its `digest`. */
export function lockedDigest(entry: Omit<LockedProvider, 'digest'>): Digest {
  const { digest: _, ...rest } = entry as LockedProvider;
  return digestOfJson(rest);
}

/** Sorts an entry's packages (the tool itself first) and hashes, and seals it with its digest. */
export function sealEntry(entry: Omit<LockedProvider, 'digest'>): LockedProvider {
  const [first, ...others] = entry.packages;
  const packages = first
    ? [first, ...others.toSorted((a, b) => byCodeUnit(packageKey(a), packageKey(b)))].map(sortHashes)
    : [];
  const backends = entry.backends
    ?.map(sortHashes)
    .toSorted((a, b) => byCodeUnit(packageKey(a), packageKey(b)));
  const sorted = { ...entry, packages, ...(backends === undefined ? {} : { backends }) };
  return { ...sorted, digest: lockedDigest(sorted) };
}

/** An empty lock: nothing is pinned. */
export function emptyLock(): ToolsLock {
  return { schema: TOOLS_LOCK_SCHEMA, tools: {} };
}

/** The workspace's lock over the package's own, tool by tool: a tool it holds is taken whole from it. */
export function overlayLock(base: ToolsLock, override: ToolsLock): ToolsLock {
  return {
    schema: TOOLS_LOCK_SCHEMA,
    tools: { ...base.tools, ...override.tools },
    ...(base.installers || override.installers
      ? { installers: { ...base.installers, ...override.installers } }
      : {}),
    ...(base.images || override.images ? { images: { ...base.images, ...override.images } } : {}),
  };
}

/** A copy of the lock with one provider of one tool pinned anew; its other providers stay. */
export function withEntry(lock: ToolsLock, tool: string, provider: string, entry: LockedProvider): ToolsLock {
  return { ...lock, tools: { ...lock.tools, [tool]: { ...lock.tools[tool], [provider]: entry } } };
}

/** The lock as a file: keys sorted by code unit, two spaces, one newline at the end. Equal locks give equal bytes. */
export function serializeLock(lock: ToolsLock): string {
  const { schema, ...rest } = lock;
  return `${JSON.stringify({ schema, ...(sortKeys(rest) as object) }, null, 2)}\n`;
}

function packageKey(item: LockedPackage): string {
  return `${item.name}\0${item.path ?? ''}\0${item.version}\0${item.marker ?? ''}`;
}

function sortHashes(item: LockedPackage): LockedPackage {
  return { ...item, hashes: item.hashes.toSorted(byCodeUnit) };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => byCodeUnit(a, b));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]));
}
