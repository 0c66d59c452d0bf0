/** Alternatives that one glob may stand for, after its braces are written out. */
const MAX_ALTERNATIVES = 1000;

type Token = { readonly kind: 'text'; readonly char: string } | { readonly kind: 'any' | 'star' } | CharClass;
interface CharClass {
  readonly kind: 'class';
  readonly negated: boolean;
  readonly ranges: readonly (readonly [string, string])[];
}
/** One folder level; `globstar` stands for any number of levels, none included. */
type Segment = 'globstar' | readonly Token[];

/**
 * Compiles globs to one test of a path: `**` as a whole level is any number of levels, `*` and `?` stay within one,
 * `{a,b}`, `[a-z]`, `[!a]`, `\` takes the next character as it is; case counts, a leading dot is not special.
 * Never a regular expression: time is at most path length times glob length, whatever a manifest asks for.
 */
export function compileGlobs(globs: readonly string[]): (path: string) => boolean {
  let everything = false;
  const endings = new Set<string>();
  const paths = new Set<string>();
  const folders = new Set<string>();
  const names: (readonly Token[])[] = [];
  const others: (readonly Segment[])[] = [];
  for (const glob of globs.flatMap(expandGlob)) {
    const simple = simpleForm(glob);
    if (simple === undefined) {
      const segments = parseGlob(glob);
      const [first, second] = segments;
      if (segments.length === 2 && first === 'globstar' && second !== undefined && second !== 'globstar')
        names.push(second);
      else others.push(segments);
    } else if (simple.kind === 'everything') everything = true;
    else if (simple.kind === 'folder') folders.add(simple.text);
    else if (simple.kind === 'ending') endings.add(simple.text);
    else paths.add(simple.text);
    if (simple?.kind === 'path' && simple.anywhere) endings.add(`/${simple.text}`);
  }
  if (everything) return () => true;
  // Asked of every file of the workspace for every selection: no allocation where there need be none.
  const ends = [...endings];
  const starts = [...folders];
  return (path) => {
    for (const ending of ends) if (path.endsWith(ending)) return true;
    if (paths.size > 0 && paths.has(path)) return true;
    for (const start of starts) if (path.startsWith(start)) return true;
    if (names.length > 0) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      for (const tokens of names) if (matchLevel(tokens, name)) return true;
    }
    if (others.length === 0) return false;
    const levels = path.split('/');
    return others.some((segments) => matchLevels(segments, levels));
  };
}

/** As `compileGlobs`, for taking away: a glob that names a folder also names everything in it. */
export function compileExcludes(globs: readonly string[]): (path: string) => boolean {
  return compileGlobs(
    globs.flatMap((glob) => (/(^|\/)\*\*$/.test(glob) ? [glob] : [glob, `${normalize(glob)}/**`])),
  );
}

/** The alternatives that a glob stands for, with its braces written out. */
export function expandGlob(glob: string): readonly string[] {
  return expandBraces(normalize(glob));
}

interface SimpleForm {
  readonly kind: 'everything' | 'ending' | 'path' | 'folder';
  readonly text: string;
  /** In any folder, not only at the top. */
  readonly anywhere?: boolean;
}

/** The forms that nearly all globs have and that need no matching level by level. */
function simpleForm(glob: string): SimpleForm | undefined {
  if (glob === '**' || glob === '**/*') return { kind: 'everything', text: '' };
  const special = /[*?[\]{}\\]/;
  const ending = /^\*\*\/\*([^*?[\]{}\\/]+)$/.exec(glob)?.[1];
  if (ending !== undefined) return { kind: 'ending', text: ending };
  const name = glob.startsWith('**/') ? glob.slice(3) : '';
  if (name !== '' && !special.test(name)) return { kind: 'path', text: name, anywhere: true };
  if (!special.test(glob)) return { kind: 'path', text: glob };
  const folder = glob.endsWith('/**') ? glob.slice(0, -2) : '';
  return folder !== '' && !special.test(folder) ? { kind: 'folder', text: folder } : undefined;
}

function normalize(glob: string): string {
  const plain = glob.replace(/^(?:\.?\/)+/, '');
  return plain.endsWith('/') ? `${plain}**` : plain;
}

/** Writes `{a,b}` out; braces nest, one that is not closed or holds no comma is text. */
function expandBraces(glob: string): string[] {
  if (!glob.includes('{')) return [glob];
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstGroup(next);
    if (group === undefined || done.length + open.length > MAX_ALTERNATIVES) {
      done.push(next);
      continue;
    }
    for (const part of group.parts) open.push(next.slice(0, group.start) + part + next.slice(group.end));
  }
  return done;
}

function firstGroup(glob: string): { start: number; end: number; parts: string[] } | undefined {
  // Openers whose group may still turn out to have a comma and an end; the outermost complete one wins.
  const openers: { start: number; commas: number[] }[] = [];
  let found: { start: number; end: number; parts: string[] } | undefined;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i];
    if (char === '\\') i++;
    else if (char === '{') openers.push({ start: i, commas: [] });
    else if (char === ',') openers.at(-1)?.commas.push(i);
    else if (char === '}') {
      const group = openers.pop();
      if (group === undefined || group.commas.length === 0) continue;
      const cuts = [group.start, ...group.commas, i];
      const parts = cuts.slice(1).map((cut, n) => glob.slice((cuts[n] ?? 0) + 1, cut));
      found = { start: group.start, end: i + 1, parts };
      if (openers.length === 0) return found;
    }
  }
  return found;
}

function parseGlob(glob: string): Segment[] {
  return splitLevels(glob).map((level) => (level === '**' ? 'globstar' : parseLevel(level)));
}

function splitLevels(glob: string): string[] {
  const levels: string[] = [];
  let level = '';
  for (let i = 0; i < glob.length; i++) {
    if (glob[i] === '/') {
      levels.push(level);
      level = '';
    } else level += glob[i] === '\\' ? `\\${glob[++i] ?? ''}` : glob[i];
  }
  return [...levels, level];
}

function parseLevel(level: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < level.length; i++) {
    const char = level[i] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\') tokens.push({ kind: 'text', char: level[++i] ?? '\\' });
    else {
      const group = char === '[' ? parseClass(level, i) : undefined;
      tokens.push(group?.token ?? { kind: 'text', char });
      i = group?.end ?? i;
    }
  }
  return tokens;
}

function parseClass(level: string, start: number): { token: CharClass; end: number } | undefined {
  const negated = level[start + 1] === '!' || level[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  // A closing bracket that comes first is one of the characters, as in POSIX 2.13.1.
  const end = level.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let i = first; i < end; i++) {
    const from = level[i] ?? '';
    if (level[i + 1] === '-' && i + 2 < end) {
      ranges.push([from, level[i + 2] ?? '']);
      i += 2;
    } else ranges.push([from, from]);
  }
  return { token: { kind: 'class', negated, ranges }, end };
}

/** The two-pointer way to match wildcards: after a mismatch only the last wildcard seen takes one more. */
function matchLevels(segments: readonly Segment[], levels: readonly string[]): boolean {
  return matchWild(
    segments.length,
    levels.length,
    (s) => segments[s] === 'globstar',
    (s, l) => {
      const segment = segments[s];
      return segment !== undefined && segment !== 'globstar' && matchLevel(segment, levels[l] ?? '');
    },
  );
}

function matchLevel(tokens: readonly Token[], level: string): boolean {
  return matchWild(
    tokens.length,
    level.length,
    (t) => tokens[t]?.kind === 'star',
    (t, i) => matchToken(tokens[t], level[i] ?? ''),
  );
}

function matchWild(
  patternLength: number,
  textLength: number,
  isWild: (pattern: number) => boolean,
  matches: (pattern: number, text: number) => boolean,
): boolean {
  let pattern = 0;
  let text = 0;
  let wild = -1;
  let resume = 0;
  while (text < textLength) {
    if (pattern < patternLength && isWild(pattern)) {
      wild = pattern++;
      resume = text;
    } else if (pattern < patternLength && matches(pattern, text)) {
      pattern++;
      text++;
    } else if (wild >= 0) {
      pattern = wild + 1;
      text = ++resume;
    } else return false;
  }
  while (pattern < patternLength && isWild(pattern)) pattern++;
  return pattern === patternLength;
}

function matchToken(token: Token | undefined, char: string): boolean {
  switch (token?.kind) {
    case 'text':
      return token.char === char;
    case 'any':
      return true;
    case 'class':
      return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated;
    default:
      return false;
  }
}
