import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';

/** What a reader of reports gives: the value in its domain type, or why the report cannot be believed. */
export type Reading<T> = Result<{ readonly value: T }, { readonly failure: Failure }>;
