import type { Diagnostic } from '../../core/diagnostic.ts';

/** Spec section 5: a delivery failure gives 3 only where the code would be 0. */
export function deliveryExit(
  exitCode: number,
  { diagnostics }: { readonly diagnostics: readonly Diagnostic[] },
): number {
  return exitCode === 0 && diagnostics.some(({ level }) => level === 'error') ? 3 : exitCode;
}
