import type { Diagnostic } from './diagnostic.ts';
import type { Result } from './result.ts';

/** What every phase returns: a value with warnings, or nothing with at least one error. */
export type Outcome<T> = Result<{ readonly value: T }, object> & {
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * An outcome whose failure may hold what could be made in spite of the errors. Later phases look for further errors in
 * it, so that all are reported at once; nothing is ever run from it.
 */
export type PartialOutcome<T, Partial = T> = Result<{ readonly value: T }, { readonly partial?: Partial }> & {
  readonly diagnostics: readonly Diagnostic[];
};

export function success<T>(value: T, diagnostics: readonly Diagnostic[] = []): Outcome<T> {
  return { ok: true, value, diagnostics };
}

export function failed(diagnostics: readonly Diagnostic[]): Outcome<never> {
  return { ok: false, diagnostics };
}

/** A failure with what could be made in spite of it. */
export function failedWith<P>(diagnostics: readonly Diagnostic[], partial: P): PartialOutcome<never, P> {
  return { ok: false, diagnostics, partial };
}

/** The value, or what could be made in spite of the errors. */
export function valueOrPartial<T, P>(outcome: PartialOutcome<T, P>): T | P | undefined {
  return outcome.ok ? outcome.value : outcome.partial;
}
