import type { Diagnostic, Place } from './diagnostic.ts';

/** A diagnostic as plain text without colour: the place and what is wrong first, then how to mend it. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { place, level, code, summary, value, allowed, didYouMean, help } = diagnostic;
  const lines = [`${place ? `${placeText(place)}: ` : ''}${level}[${code}]: ${oneLine(summary)}`];
  if (value !== undefined) lines.push(`  value: ${oneLine(value)}`);
  if (allowed !== undefined && allowed.length > 0) lines.push(`  allowed: ${oneLine(allowed.join(', '))}`);
  if (didYouMean !== undefined) lines.push(`  did you mean: ${oneLine(didYouMean)}`);
  if (help !== undefined) lines.push(`  help: ${oneLine(help)}`);
  for (const other of diagnostic.related) {
    lines.push(`  ${other.place ? `${placeText(other.place)}: ` : ''}${oneLine(other.message)}`);
  }
  return lines.join('\n');
}

/** All of them, each ended by a line break. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`).join('');
}

function placeText(place: Place): string {
  return `${oneLine(place.file)}:${place.line}:${place.column}`;
}

/** What a file says must not move the cursor or forge a line: control and direction characters are written as escapes. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
