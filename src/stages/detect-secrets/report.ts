import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding, Rule } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { ParseContext, StageReport } from '../contract/report.ts';
import { hasBinaryEnding } from '../formats/binary-ending.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { locationOf } from '../formats/location.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const secret = z.object({ type: z.string().min(1), line_number: z.number().int().optional() });

/** The baseline that `detect-secrets scan` prints, as far as it is read. */
const baseline = z.object({
  // As pairs: the keys are names of scanned files, and one may be called `__proto__`.
  results: z.preprocess(
    (value) => (isRecord(value) ? Object.entries(value) : value),
    z.array(z.tuple([z.string(), z.array(secret)])),
  ),
  plugins_used: z.array(z.unknown()),
});

type Baseline = z.infer<typeof baseline>;

/** In order of place: the tool's own order is that of the file system. */
function toFindings(report: Baseline, relative: (path: string) => string | undefined): ParsedFinding[] {
  return [...report.results]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([file, secrets]) => {
      const path = relative(file);
      return [...secrets]
        .sort((a, b) => (a.line_number ?? 0) - (b.line_number ?? 0) || byCodeUnit(a.type, b.type))
        .map(({ type, line_number: line }) => ({
          kind: 'secret' as const,
          rule: ruleOf(type),
          message: `A value that looks like a secret: ${type.slice(0, 100)}`,
          ...locationOf(path, { startLine: line }),
        }));
    });
}

/** The tool has names only, for example `AWS Access Key`. */
function ruleOf(type: string): Rule {
  const name = type.slice(0, 100);
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  // An address is no credential.
  return { id: id || 'unknown', name, ...(id === 'public-ip-ipv4' ? {} : { cwe: ['CWE-798'] }) };
}

const CHECKING = '[scan]\tINFO\tChecking file: ';

const UNREADABLE = '[scan]\tWARNING\tUnable to open file: ';

const SKIPPED = '[scan]\tINFO\tSkipping "';

const BY_FILTER =
  /" due to `detect_secrets\.filters\.(?:heuristic\.(is_non_text_file|is_swagger_file)|common\.(is_invalid_file|is_baseline_file))`$/;

/** The files that it read; and those that it says it did not. */
function readTrace(
  trace: string,
  context: ParseContext,
): { readonly files: string[]; readonly unexamined: UnexaminedFile[] } {
  const unread = (why: UnexaminedFile['why'], marks: Parameters<typeof listedFiles>[1]) =>
    listedFiles(trace, marks, context).map((path) => ({ path, why }));
  const detail = 'it cannot be opened';
  const unexamined = [
    ...unread({ kind: 'not-understood', detail }, { before: UNREADABLE }),
    ...unread({ kind: 'no-text' }, { before: SKIPPED, after: '" due to ' }).map(reasonOfSkip),
  ];
  const failed = new Set(unexamined.map(({ path }) => path));
  const files = listedFiles(trace, { before: CHECKING }, context).filter((path) => !failed.has(path));
  return { files, unexamined };
}

/** It passes over a file that is named as an image or the like and holds a NUL byte: see sitecustomize.py. */
function reasonOfSkip(file: UnexaminedFile): UnexaminedFile {
  if (hasBinaryEnding(file.path)) return file;
  return { ...file, why: { kind: 'passed-over', detail: 'a file that detect-secrets takes for no text' } };
}

/** Without the hashes: SHA-1 without salt gives a short secret away. Without the time of the run. */
function sanitizeBaseline(text: string): string {
  return rewriteJson(text, (report) => {
    const kept = omit(report, ['generated_at']);
    if (!isRecord(kept) || !isRecord(kept.results)) return kept;
    const results = Object.entries(kept.results)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([file, secrets]) => [
        file,
        Array.isArray(secrets) ? secrets.map((secret) => omit(secret, ['hashed_secret'])) : secrets,
      ]);
    return { ...kept, results: Object.fromEntries(results) };
  });
}

/** What it says of itself, with exit code 0 or not; neither quotes a scanned file. */
const FAILED =
  /^(?:\[scan\]\tERROR\t(?:No plugins to scan with!|Unable to load plugins!)|Traceback \(most recent call last\):)$/;

export const report: StageReport<Options> = {
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, baseline);
    if (!report.ok) return report;
    const { files, unexamined } = readTrace(raw.files ?? '', context);
    return {
      ok: true,
      findings: toFindings(report.value, context.relative),
      notes: [],
      unexamined,
      examined: { count: files.length, unit: 'files', evidence: '`Checking file` on standard error', files },
    };
  },
  sanitize: (output, text) => (output === 'report' ? sanitizeBaseline(text) : sanitizeTrace(text)),
};

/** Lines about files and its own failures only: others quote the values that a filter let through. */
function sanitizeTrace(text: string): string {
  const kept: string[] = [];
  let inName = false;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('[') || line.startsWith('Traceback ')) {
      inName = line.startsWith(CHECKING) || line.startsWith(UNREADABLE);
      if (inName || BY_FILTER.test(line) || FAILED.test(line)) kept.push(line);
    } else if (inName) kept.push(`${kept.pop() ?? ''}\n${line}`);
  }
  return kept.length === 0 ? '' : `${kept.sort().join('\n')}\n`;
}
