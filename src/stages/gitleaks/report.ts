import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { Note, ParseContext, StageReport } from '../contract/report.ts';
import { hasBinaryEnding } from '../formats/binary-ending.ts';
import { anyOf, inUtf16, inUtf32 } from '../formats/content.ts';
import { oneLine } from '../formats/one-line.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import { withoutRepeats } from './repeats.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['gitleaks'],
      kind: 'secret',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    const trace = raw.files ?? '';
    const unexamined = skippedFiles(trace, context).map((path): UnexaminedFile => {
      const detail = 'an archive, a binary file or a name that Gitleaks always leaves out';
      return { path, why: hasBinaryEnding(path) ? { kind: 'no-text' } : { kind: 'passed-over', detail } };
    });
    return {
      ok: true,
      findings: withoutRepeats(sarif.value.findings).map((finding) => ({
        ...finding,
        rule: { ...finding.rule, cwe: ['CWE-798'] },
      })),
      notes: [...sarif.value.notes, ...warnings(trace)],
      unexamined,
      examined: {
        count: Number(/\bscanned ~(\d{1,15}) bytes/.exec(trace)?.[1] ?? 0),
        unit: 'bytes',
        evidence: '`scanned ~N bytes` on standard error',
        files: tracedFiles(trace, READ, context.relative),
      },
    };
  },
  // It takes such text for bytes in which no rule matches, and counts it as scanned.
  cannotRead: () => () => anyOf(inUtf16, inUtf32),
  sanitize: (output, text) => (output === 'report' ? stableSarif(text) : sanitizeTrace(text)),
};

const SPAN = /^\S+ (?:TRC|DBG) /.source;

const READ = new RegExp(`${SPAN}(?:scanning path|skipping empty file) path=(.+)$`, 'gm');

/** Not a finding that it drops for another rule's: those lines quote. */
const SKIPPED = new RegExp(
  `${SPAN}skipping (?:archive: [a-z ]+[^"]*?|binary file[^"]*?|directory: global allowlist|file: [a-z ]+) path=(.+)$`,
  'gm',
);

/** Names that hold a space, a quote or a control character stand in quotes, escaped as in Go. */
function tracedFiles(
  trace: string,
  pattern: RegExp,
  relative: (path: string) => string | undefined,
): string[] {
  return [...trace.matchAll(pattern)].flatMap(([, written = '']) => relative(unquoted(written)) ?? []);
}

/** Of a folder that it skips, all files below it. */
function skippedFiles(
  trace: string,
  { given, relative }: Pick<ParseContext, 'given' | 'relative'>,
): string[] {
  const skipped = tracedFiles(trace, SKIPPED, relative);
  const known = new Set(given);
  const folders = skipped.filter((path) => !known.has(path)).map((path) => `${path}/`);
  const below = given.filter((path) => folders.some((folder) => path.startsWith(folder)));
  return [...new Set([...skipped.filter((path) => known.has(path)), ...below])];
}

function unquoted(written: string): string {
  if (!written.startsWith('"')) return written;
  const json = written
    .replace(/\\x([0-9a-f]{2})/g, '\\u00$1')
    .replace(/\\a/g, '\\u0007')
    .replace(/\\v/g, '\\u000b');
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === 'string' ? text : written;
  } catch {
    return written;
  }
}

/** Which files it read and passed over, what went wrong, and how much it read: other lines quote what it decodes. */
function sanitizeTrace(text: string): string {
  const files = [...text.matchAll(READ), ...text.matchAll(SKIPPED)].map(([line]) => withoutTime(line)).sort();
  const said = [...text.matchAll(/^.*\b(?:FTL|ERR|WRN) .*$|^.*\bscanned ~\d+ bytes.*$/gm)].map(([line]) =>
    withoutTime(line),
  );
  return [...new Set([...files, ...said])].map((line) => `${line}\n`).join('');
}

function withoutTime(line: string): string {
  return line.replace(/^\S+ (?=(?:TRC|DBG|INF|WRN|ERR|FTL) )/, '- ').replace(/(scanned ~\d+ bytes).*$/, '$1');
}

/** Warnings and errors of its log, but for the count of leaks. */
function warnings(trace: string): Note[] {
  return [...trace.matchAll(/\b(?:WRN|ERR) (?!leaks found)(.*)$/gm)]
    .slice(0, 1000)
    .map(([, text = '']) => ({ message: oneLine(text) }));
}
