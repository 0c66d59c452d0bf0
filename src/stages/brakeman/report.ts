import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const count = z.number().int().nonnegative();

const warning = z.object({
  warning_type: z.string(),
  warning_code: z.number().int(),
  check_name: z.string().nullish(),
  message: z.string(),
  file: z.string(),
  line: z.number().int().nullish(),
  link: z.string().nullish(),
  confidence: z.string(),
  /** Since version 5.2. */
  cwe_id: z.array(z.number().int()).nullish(),
});

const reportSchema = z.object({
  scan_info: z.object({
    number_of_controllers: count,
    /** Less one for a model of Brakeman's own, so it may be -1. */
    number_of_models: z.number().int(),
    number_of_templates: count,
    brakeman_version: z.string(),
  }),
  warnings: z.array(warning),
  /** By a `brakeman.ignore`: in a report from elsewhere only, the file is not among what is given to a run. */
  ignored_warnings: z.array(z.unknown()).nullish(),
  errors: z.array(z.object({ error: z.string() })),
});

type Warning = z.infer<typeof warning>;

export const report: StageReport<Options> = {
  variants: [gitlabVariant('code'), sarifVariant(['Brakeman'], 'code')],
  parse: (raw, context) => readBrakeman(raw.report, context, context.options.app),
  sanitize: (_, text) => sanitizeBrakeman(text),
};

/** Brakeman's JSON. It counts what it understood as part of a Rails application, and lists what it could not parse. */
function readBrakeman(text: string | undefined, context: ParseContext, app: string): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { scan_info: info, warnings, errors } = read.value;
  const notes: Note[] = errors.slice(0, 1000).map(({ error }) => toNote(error, context));
  const ignored = read.value.ignored_warnings?.length ?? 0;
  if (ignored > 0) notes.push({ message: `${ignored} warnings are ignored by a file in the tree` });
  return {
    ok: true,
    findings: warnings.map((item) => toFinding(item, context, app)),
    notes,
    examined: {
      count: info.number_of_controllers + Math.max(0, info.number_of_models) + info.number_of_templates,
      unit: 'resources',
      evidence: 'controllers, models and templates in scan_info of the report',
    },
  };
}

function toFinding(item: Warning, context: ParseContext, app: string): ParsedFinding {
  const path = context.relative(app === '.' ? item.file : `${app}/${item.file}`);
  const cwe = [...new Set((item.cwe_id ?? []).filter((id) => id > 0).map((id) => `CWE-${id}`))].sort();
  const name = item.check_name ? `${item.check_name}/${item.warning_type}` : item.warning_type;
  return {
    kind: 'code',
    rule: {
      // As its SARIF writes them.
      id: `BRAKE${String(item.warning_code).padStart(4, '0')}`,
      name: oneLine(name),
      ...(item.link ? { url: item.link } : {}),
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: oneLine(item.message),
    toolLevel: item.confidence,
    ...locationOf(path, { startLine: item.line }),
  };
}

/** What Ruby says of a broken file may quote it: only the file is named. */
function toNote(error: string, context: ParseContext): Note {
  const path = context.relative(fileOf(error) ?? '');
  const what = /took too long/.test(error) ? 'it took too long' : 'Brakeman could not parse it';
  return { message: `not checked: ${what}`, ...(path === undefined ? {} : { path }) };
}

function fileOf(error: string): string | undefined {
  return /(?:Could not parse|While processing|Parsing) (\S{1,1000})/.exec(error)?.[1];
}

/** Without the code that it quotes, fingerprints of it, times and paths of the machine. */
function sanitizeBrakeman(text: string): string {
  const bare = (item: unknown): unknown => omit(item, ['code', 'user_input', 'fingerprint', 'render_path']);
  return rewriteJson(text, (json) => {
    const lists = ['warnings', 'ignored_warnings'].reduce((all, key) => mapList(all, key, bare), json);
    const whole = mapList(lists, 'errors', (item) => {
      const error = isRecord(item) && typeof item.error === 'string' ? item.error : '';
      const slow = /took too long/.test(error) ? ' took too long' : '';
      return { error: `Parsing ${fileOf(error) ?? 'a file'}${slow}` };
    });
    if (!isRecord(whole) || !isRecord(whole.scan_info)) return whole;
    return { ...whole, scan_info: omit(whole.scan_info, ['app_path', 'start_time', 'end_time', 'duration']) };
  });
}
