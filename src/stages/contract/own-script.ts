import type { Provider } from './provider.ts';

/**
 * Whether what runs is a script of secplan itself, whose digest stands in the plan as an asset's: there is nothing that a lock
 * could pin but the Node that secplan needs anyway.
 */
export function isOwnScript({ kind, package: name }: Pick<Provider, 'kind' | 'package'>): boolean {
  return kind === 'path' && name === 'secplan';
}
