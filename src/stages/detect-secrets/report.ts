import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding, Rule } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
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

const CHECKING = /^\[scan\]\tINFO\tChecking file: (.+)$/;

const UNREADABLE = /^\[scan\]\tWARNING\tUnable to open file: (.+)$/;

const SKIPPED =
  /^\[scan\]\tINFO\tSkipping "(.+)" due to `detect_secrets\.filters\.(?:heuristic\.(is_non_text_file|is_lock_file|is_swagger_file)|common\.(is_invalid_file|is_baseline_file))`$/;

/** How many files it read; and those that it says it did not. */
function readTrace(
  trace: string,
  relative: (path: string) => string | undefined,
): { readonly checked: number; readonly notes: Note[] } {
  const checked = new Set<string>();
  const notes: Note[] = [];
  for (const line of trace.split('\n')) {
    const read = CHECKING.exec(line)?.[1];
    if (read !== undefined) checked.add(read);
    const skipped = SKIPPED.exec(line);
    const file = skipped?.[1] ?? UNREADABLE.exec(line)?.[1];
    if (file === undefined || notes.length >= 1000) continue;
    const path = relative(file);
    const why = skipped?.[2] ?? skipped?.[3];
    notes.push({
      message:
        why === undefined ? 'not checked: cannot be opened' : `not checked: detect-secrets filter ${why}`,
      ...(path === undefined ? {} : { path }),
    });
  }
  return { checked: checked.size, notes };
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
    const { checked, notes } = readTrace(raw.files ?? '', context.relative);
    return {
      ok: true,
      findings: toFindings(report.value, context.relative),
      notes,
      examined: { count: checked, unit: 'files', evidence: '`Checking file` on standard error' },
    };
  },
  sanitize: (output, text) => (output === 'report' ? sanitizeBaseline(text) : sanitizeTrace(text)),
};

/** Lines about files and its own failures only: others quote the values that a filter let through. */
function sanitizeTrace(text: string): string {
  const kept = text
    .split('\n')
    .filter((line) => [CHECKING, UNREADABLE, SKIPPED, FAILED].some((pattern) => pattern.test(line)));
  return kept.length === 0 ? '' : `${kept.sort().join('\n')}\n`;
}
