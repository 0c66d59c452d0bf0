import type { Provider } from './provider.ts';

/**
 * Where a provider stands among those of its tool, smallest first: pinned ones before unpinned ones, and of the pinned ones
 * those that are built on this machine last, as a build takes minutes. Equal ones keep the order of the declaration.
 */
export function providerRank({ kind }: Pick<Provider, 'kind'>, pinned: boolean): number {
  if (!pinned) return 2;
  return kind === 'go' ? 1 : 0;
}
