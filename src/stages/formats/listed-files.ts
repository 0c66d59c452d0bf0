import type { ParseContext } from '../contract/report.ts';

/** How a tool names files in a text, a line each: for example `Examining ./a.c`, or `failed: a.c: reason`. */
interface Marks {
  readonly before: string;
  /** What follows the name; absent: the end of the line. */
  readonly after?: string;
  /** The name as the tool writes it, where it escapes characters. */
  readonly written?: (path: string) => string;
}

/**
 * The files that a tool names in a text, sorted. A name may hold a line break, or the mark after it: such names are looked
 * for among the files that the tool was given.
 */
export function listedFiles(
  text: string,
  { before, after, written = (path) => path }: Marks,
  { given, relative }: Pick<ParseContext, 'given' | 'relative'>,
): string[] {
  const lines = text.split('\n');
  const odd = new Map<string, string>();
  for (const path of given) {
    const name = written(path);
    if (name !== path || name.includes('\n') || (after !== undefined && name.includes(after)))
      odd.set(name, path);
  }
  const spans = [...new Set([...odd.keys()].map((name) => name.split('\n').length))];
  const found = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith(before)) continue;
    const known = spans
      .flatMap((span) =>
        namesIn(
          lines
            .slice(at, at + span)
            .join('\n')
            .slice(before.length),
          after,
        ),
      )
      .flatMap((name) => odd.get(relative(name) ?? '') ?? []);
    const [name = ''] = namesIn(line.slice(before.length), after);
    const plain = relative(name);
    if (known.length > 0) for (const path of known) found.add(path);
    else if (plain !== undefined) found.add(plain);
  }
  return [...found].sort();
}

/** What stands before each mark, the shortest first. */
function namesIn(text: string, after: string | undefined): string[] {
  if (after === undefined) return [text];
  const names: string[] = [];
  for (let at = text.indexOf(after); at >= 0; at = text.indexOf(after, at + 1)) names.push(text.slice(0, at));
  return names;
}
