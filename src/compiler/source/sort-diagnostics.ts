import { byCodeUnit } from '../../core/canonical.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';

/** By file, line and column; then by pointer, code and text, so that the order never depends on how they were found. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      byCodeUnit(a.place?.file ?? '', b.place?.file ?? '') ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
      byCodeUnit(a.pointer ?? '', b.pointer ?? '') ||
      byCodeUnit(a.code, b.code) ||
      byCodeUnit(a.summary, b.summary),
  );
}
