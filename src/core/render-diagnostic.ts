import { codeFrame } from './code-frame.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { escapeControls } from './escape-controls.ts';

/** A diagnostic as plain text without colour: the place and what is wrong, the line with a caret, then how to mend it. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { place, source, level, code, summary, value, allowed, didYouMean, help } = diagnostic;
  const lines = [`${place ? `${placeText(place)}: ` : ''}${level}[${code}]: ${escapeControls(summary)}`];
  if (place !== undefined && source !== undefined) lines.push(...codeFrame(place, source));
  if (value !== undefined) lines.push(`  value: ${escapeControls(value)}`);
  if (allowed !== undefined && allowed.length > 0)
    lines.push(`  allowed: ${escapeControls(allowed.join(', '))}`);
  if (didYouMean !== undefined) lines.push(`  did you mean: ${escapeControls(didYouMean)}`);
  if (help !== undefined) lines.push(`  help: ${escapeControls(help)}`);
  for (const other of diagnostic.related) {
    lines.push(`  ${other.place ? `${placeText(other.place)}: ` : ''}${escapeControls(other.message)}`);
  }
  return lines.join('\n');
}

/** All of them, each ended by a line break. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`).join('');
}

function placeText(place: Place): string {
  return `${escapeControls(place.file)}:${place.line}:${place.column}`;
}
