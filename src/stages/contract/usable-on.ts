import type { Provider } from './provider.ts';

/**
 * Whether a runtime can start what a provider gives. The dagger runtime takes images, and it mounts what the toolchain
 * installed into a base image; the local one has no images.
 */
export function usableOn(
  { runtime: made }: Pick<Provider, 'runtime'>,
  runtime: 'local' | 'dagger' | 'managed',
): boolean {
  return runtime !== 'local' || made === 'local';
}
