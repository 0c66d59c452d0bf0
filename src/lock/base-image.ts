import type { LockedProvider, ToolsLock } from './lock-types.ts';

/** What the base image is called in `tools.lock.json` and by `tools lock`. */
export const BASE_IMAGE = 'base-image';

/**
 * Where nothing is pinned: Debian's own system with the Python that packages are installed for, a shell, coreutils and
 * util-linux. A tag, so that its results are not cached.
 */
export const DEFAULT_BASE = { package: 'docker.io/library/buildpack-deps', tag: 'bookworm-scm' } as const;

/** The image that installed tools are mounted into: of the environment, of the lock, else the default's tag. */
export function baseImage(
  lock: ToolsLock,
  env: Readonly<Record<string, string | undefined>>,
): { readonly image: string; readonly pinned: boolean } {
  const own = env.SECPLAN_DAGGER_BASE_IMAGE;
  if (own !== undefined && own !== '') return { image: own, pinned: own.includes('@sha256:') };
  const locked = lock.images?.[BASE_IMAGE];
  if (locked !== undefined) return { image: pinnedImage(locked), pinned: true };
  return { image: `${DEFAULT_BASE.package}:${DEFAULT_BASE.tag}`, pinned: false };
}

/** The address by digest of an image that the lock pins. */
export function pinnedImage({ package: name, packages }: LockedProvider): string {
  return `${name}@${packages[0]?.hashes[0]}`;
}
