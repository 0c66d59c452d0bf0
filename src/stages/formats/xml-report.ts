import { XMLParser } from 'fast-xml-parser';
import type { z } from 'zod';
import type { Reading } from './reading.ts';

/** Elements within elements; no report of a scanner comes near it. */
const MAX_DEPTH = 100;
/** Characters: an object tree takes many times the text's memory. */
const MAX_CHARACTERS = 64 * 2 ** 20;

/**
 * Foreign XML enters through here. A document with a DOCTYPE is refused: entities of its own could grow without bound
 * or name files. Attributes and elements become plain members; `lists` are the elements that may stand more than once.
 */
export function readXmlReport<T>(
  output: string,
  text: string | undefined,
  lists: readonly string[],
  schema: z.ZodType<T>,
): Reading<T> {
  const refuse = (reason: 'report-malformed' | 'report-schema', detail: string): Reading<T> => ({
    ok: false,
    failure: { reason, output, detail },
  });
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  if (text.length > MAX_CHARACTERS) {
    return { ok: false, failure: { reason: 'output-too-large', output, limitBytes: MAX_CHARACTERS } };
  }
  if (/^\s*[{[]/.test(text)) return refuse('report-schema', 'it is JSON, not XML');
  const problem = shapeProblem(text);
  if (problem !== undefined) return refuse('report-malformed', problem);
  let root: unknown;
  try {
    const known = new Set(lists);
    root = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseAttributeValue: false,
      parseTagValue: false,
      // XML's own five and characters by number are put in by `xmlText`, after parsing.
      processEntities: false,
      isArray: (name) => known.has(name),
    }).parse(text, true);
  } catch (error) {
    return refuse('report-malformed', firstLine(error));
  }
  const read = schema.safeParse(root);
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  return refuse('report-schema', `${issue?.message ?? 'unknown shape'} at /${issue?.path.join('/') ?? ''}`);
}

/** One pass over the markup, before anything is built of it. What is wrong, if something is. */
function shapeProblem(text: string): string | undefined {
  let depth = 0;
  let elements = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const special = SPECIAL.find(({ opens }) => text.startsWith(opens, at));
    if (special !== undefined) {
      const end = text.indexOf(special.closes, at + special.opens.length);
      if (end === -1) return `truncated in ${special.opens}`;
      at = end + special.closes.length;
      continue;
    }
    if (text[at + 1] === '!') return 'it has a DOCTYPE or another declaration, which is not allowed';
    const end = tagEnd(text, at);
    if (end === -1) return 'truncated in a tag';
    if (text[at + 1] === '/') depth -= 1;
    else if (text[end - 1] !== '/') depth += 1;
    if (depth > MAX_DEPTH) return `elements nested deeper than ${MAX_DEPTH}`;
    elements += 1;
    at = end + 1;
  }
  if (elements === 0) return 'it contains no element: not XML';
  return depth === 0 ? undefined : 'truncated: an element is not closed';
}

const SPECIAL = [
  { opens: '<!--', closes: '-->' },
  { opens: '<![CDATA[', closes: ']]>' },
  { opens: '<?', closes: '?>' },
];

/** Index of the tag's `>`; one within quotes is no end. -1 if there is none. */
function tagEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '>') return at;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** Text of XML with its five entities and characters by number put in, once. */
export function xmlText(value: string): string {
  return value.replace(
    /&(?:(lt|gt|quot|apos|amp)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (all, name, dec, hex) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = Number.parseInt(dec ?? hex, dec === undefined ? 16 : 10);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** The parser's words without an excerpt of the report. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : 'not XML';
  return (
    text
      .replace(/['"`][\s\S]*/, '')
      .split('\n')[0]
      ?.slice(0, 120) || 'not XML'
  );
}
