import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { anyOf, inUnmarkedUtf16, inUtf32 } from '../formats/content.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';
import type { Options } from './stage.ts';

const optional = z.string().optional();

const error = z.object({
  id: z.string(),
  severity: z.string(),
  msg: z.string(),
  verbose: optional,
  cwe: optional,
  location: z.array(z.object({ file: z.string(), line: optional, column: optional })).optional(),
});

/** Elements without content come as empty text. */
const errors = z.union([
  z.string().refine((text) => text.trim() === ''),
  z.strictObject({ error: z.array(error).optional() }),
]);

const reportSchema = z.object({
  results: z
    .object({
      version: z.literal('2'),
      cppcheck: z.object({ version: z.string() }),
      errors: errors.optional(),
      // Some converters leave the element `errors` out.
      error: z.array(error).optional(),
    })
    .refine((item) => item.errors !== undefined || item.error !== undefined, 'neither errors nor error'),
});

type CppError = z.infer<typeof error>;

/** What it reports about its own work: the file, or one way to compile it, was not checked. */
const NOT_CHECKED: ReadonlySet<string> = new Set([
  'cppcheckError',
  'internalAstError',
  'internalError',
  'noValidConfiguration',
  'preprocessorErrorDirective',
  'syntaxError',
  'unknownMacro',
]);

/** About its own set-up, of no file in particular. */
const ABOUT_ITSELF = /^(missingInclude|checkersReport|toomanyconfigs|purgedConfiguration|normalCheckLevel)/;

export const report: StageReport<Options> = {
  // Version 2.16 and later can write SARIF.
  variants: [sarifVariant(['Cppcheck'], 'code')],
  parse: (raw, context) => readCppcheck(raw.report, raw.files, context),
  // It skips the bytes that it does not understand, and says that it checked the file.
  cannotRead: () => () => anyOf(inUnmarkedUtf16, inUtf32),
  sanitize: (output, text) => (output === 'files' ? sortedChecks(text) : text),
};

/** Cppcheck's XML of version 2, and the list of files that it says it checked. */
function readCppcheck(
  text: string | undefined,
  files: string | undefined,
  context: ParseContext,
): ParseOutcome {
  const read = readXmlReport('report', text, ['error', 'location'], reportSchema);
  if (!read.ok) return read;
  const { errors: list, error: bare } = read.value.results;
  const all = [...(typeof list === 'object' ? (list.error ?? []) : []), ...(bare ?? [])];
  const notes: Note[] = [];
  const unexamined: UnexaminedFile[] = [];
  const findings: ParsedFinding[] = [];
  for (const item of all) {
    const note = toNote(item, context);
    if (NOT_CHECKED.has(item.id) && note.path !== undefined)
      unexamined.push({ path: note.path, why: { kind: 'not-understood', detail: note.message } });
    else if (NOT_CHECKED.has(item.id) || ABOUT_ITSELF.test(item.id)) notes.push(note);
    else findings.push(toFinding(item, context));
  }
  unexamined.push(...oddlyNamed(context));
  const failed = new Set(unexamined.map(({ path }) => path));
  const checked = checkedFiles(files ?? '', context).filter((path) => !failed.has(path));
  return {
    ok: true,
    findings,
    notes,
    unexamined,
    examined: {
      count: checked.length,
      unit: 'files',
      evidence: '`Checking <file>` on standard output, without files that it could not parse',
      files: checked,
    },
  };
}

/** It takes a backslash for a slash, cuts a name at others of these, and what it finds there has another name in the report. */
function oddlyNamed({ given }: ParseContext): UnexaminedFile[] {
  const detail = 'Cppcheck opens no file with a backslash, a double quote or a line break in its name';
  return given
    .filter((path) => /[\\"\r\n]/.test(path))
    .map((path) => ({ path, why: { kind: 'passed-over', detail } }));
}

/** Without the ways to compile them: `Checking a.c: DEBUG=1...` is a second look at the same file. */
function checkedFiles(text: string, context: ParseContext): string[] {
  const marks = [' ...', ': '].map((after) => listedFiles(text, { before: 'Checking ', after }, context));
  return [...new Set(marks.flat())].sort();
}

/** Its words for what it could not parse may quote the code. */
function toNote(item: CppError, context: ParseContext): Note {
  const [place] = item.location ?? [];
  const path = place === undefined ? undefined : context.relative(xmlText(place.file));
  const line = place?.line === undefined ? '' : `, line ${oneLine(place.line)}`;
  const message = NOT_CHECKED.has(item.id) ? `${oneLine(item.id)}${line}` : oneLine(xmlText(item.msg));
  return { message, ...(path === undefined ? {} : { path }) };
}

function toFinding(item: CppError, context: ParseContext): ParsedFinding {
  const [place] = item.location ?? [];
  const path = place === undefined ? undefined : context.relative(xmlText(place.file).replaceAll('\\', '/'));
  const startLine = positive(place?.line);
  const startColumn = positive(place?.column);
  return {
    kind: 'code',
    rule: { id: item.id, ...(/^[1-9]\d{0,5}$/.test(item.cwe ?? '') ? { cwe: [`CWE-${item.cwe}`] } : {}) },
    message: oneLine(xmlText(item.msg)),
    toolLevel: item.severity,
    ...locationOf(path, { startLine, startColumn }),
  };
}

function positive(text: string | undefined): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text ?? '') ? Number(text) : undefined;
}

/** Equal trees shall give equal logs: without how far it was when. */
function sortedChecks(text: string): string {
  const lines = [...new Set(text.split('\n'))]
    .filter((line) => /^(Checking |cppcheck: )/.test(line))
    .sort(byCodeUnit);
  return lines.map((line) => `${line}\n`).join('');
}
