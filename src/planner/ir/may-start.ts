import type { PlannedProvider } from './ir.ts';

/** Whether a run may start what a provider gives: it is pinned, a program on PATH, or an image that the manifest names by tag. */
export function mayStart({ provider, digest, version }: PlannedProvider): boolean {
  return digest !== null || provider.kind === 'path' || (provider.kind === 'image' && version !== null);
}
