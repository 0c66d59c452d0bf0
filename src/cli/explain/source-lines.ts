import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Span } from '../../core/finding.ts';
import { clip, type Paint, printable } from '../shared/paint.ts';

const AROUND = 2;
const MAX_BYTES = 5 * 2 ** 20;

/** The lines around a place, with their numbers; undefined where the file is not there, is large, or lies outside. */
export function sourceLines(roots: readonly string[], span: Span, paint: Paint): string | undefined {
  if (span.startLine === undefined) return undefined;
  const text = readSource(roots, span.path);
  if (text === undefined) return undefined;
  const lines = text.split(/\r?\n/);
  const [start, end] = [span.startLine, Math.min(span.endLine ?? span.startLine, span.startLine + 8)];
  if (start > lines.length) return undefined;
  const first = Math.max(1, start - AROUND);
  const last = Math.min(lines.length, end + AROUND);
  const width = String(last).length;
  return lines
    .slice(first - 1, last)
    .map((line, index) => {
      const number = first + index;
      const hit = number >= start && number <= end;
      const shown = `${hit ? '>' : ' '} ${String(number).padStart(width)}  ${clip(printable(line.replaceAll('\t', '    ')), 140)}`;
      return `  ${hit ? paint('bold', shown) : paint('gray', shown)}`.trimEnd();
    })
    .join('\n');
}

function readSource(roots: readonly string[], path: string): string | undefined {
  for (const root of roots) {
    try {
      const top = realpathSync(root);
      const real = realpathSync(join(top, path));
      if (!real.startsWith(top.endsWith(sep) ? top : top + sep)) continue;
      const facts = statSync(real);
      if (facts.isFile() && facts.size <= MAX_BYTES) return readFileSync(real, 'utf8');
    } catch {
      // Not below this one.
    }
  }
  return undefined;
}

/** Where a bundle's workspace may be: above the default export folder, else the working folder and its parents. */
export function likelyWorkspaces(bundleDir: string, cwd: string): readonly string[] {
  const roots = [dirname(dirname(dirname(bundleDir)))];
  for (let folder = cwd; ; folder = dirname(folder)) {
    roots.push(folder);
    if (folder === dirname(folder)) return roots;
  }
}
