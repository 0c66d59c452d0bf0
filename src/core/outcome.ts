import type { Diagnostic } from './diagnostic.ts';

/** What every phase returns: a value with warnings, or nothing with at least one error. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function success<T>(value: T, diagnostics: readonly Diagnostic[] = []): Outcome<T> {
  return { ok: true, value, diagnostics };
}

export function failed(diagnostics: readonly Diagnostic[]): Outcome<never> {
  return { ok: false, diagnostics };
}
