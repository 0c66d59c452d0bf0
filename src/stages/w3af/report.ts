import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { withKnownElements } from '../formats/known-lists.ts';
import { oneLine } from '../formats/one-line.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';
import type { Options } from './stage.ts';

const vulnerability = z.object({
  name: z.string(),
  plugin: z.string(),
  severity: z.string(),
  url: z.string().nullish(),
  method: z.string().nullish(),
  var: z.string().nullish(),
});

const count = z.string().regex(/^\d{1,12}$/);

/** The output plugin `xml_file`, version 2.8. */
const reportSchema = z.object({
  'w3af-run': withKnownElements(
    {
      'scan-status': z.object({ 'sent-request-count': count, 'total-urls': count }),
      vulnerability: z.array(vulnerability).default([]),
      error: z.array(z.unknown()).default([]),
    },
    ['information', 'scan-info', 'w3af-version'],
  ),
});

function readW3af(text: string | undefined): ParseOutcome {
  const read = readXmlReport('report', text, ['vulnerability', 'error'], reportSchema);
  if (!read.ok) return read;
  const { 'scan-status': status, vulnerability: items, error } = read.value['w3af-run'];
  return {
    ok: true,
    findings: items.map(finding),
    notes: error.length === 0 ? [] : [{ message: `${error.length} errors of plugins: see the log` }],
    examined: {
      // Requests of which no answer made a URL known were asked in vain.
      count: status['total-urls'] === '0' ? 0 : Number(status['sent-request-count']),
      unit: 'requests',
      evidence: 'scan-status/sent-request-count in the report, where total-urls is not 0',
    },
  };
}

function finding({ name, plugin, severity, url, method, var: parameter }: z.infer<typeof vulnerability>) {
  const path = xmlText(url ?? '')
    .replace(/[?#].*$/s, '')
    .replace(/^[a-z]+:\/\/[^/]*/i, '');
  const where = `${method || 'GET'} ${path || '/'}${parameter ? ` (${xmlText(parameter)})` : ''}`;
  return {
    kind: 'other',
    rule: { id: `w3af/${plugin.slice(0, 80)}`, name: oneLine(xmlText(name)) },
    message: oneLine(`${xmlText(name)}: ${where}`),
    toolLevel: severity,
  } satisfies ParsedFinding;
}

/** Elements that hold what was sent and answered, or the tool's long texts. */
const QUOTES = ['http-transactions', 'description', 'long-description', 'known-urls', 'current-request'];

export const report: StageReport<Options> = {
  parse: (raw) => readW3af(raw.report),
  sanitize: (_, text) => sanitizeW3af(text),
};

/** Without requests, responses and quotes of them, and without when it was. */
function sanitizeW3af(text: string): string {
  if (!/^\s*<(\?xml|w3af-run)/.test(text)) return text.trim() === '' ? text : '<withheld/>\n';
  let rest = text.replace(/(<w3af-run\b[^>]*?)\sstart="[^"]*"\sstart-long="[^"]*"/, '$1');
  for (const name of QUOTES) rest = without(rest, `<${name}>`, `</${name}>`);
  return rest.replace(/(<vulnerability\b[^>]*\surl="[^"?#]*)[?#][^"]*"/g, '$1"');
}

/** In one pass; a part that is not closed is left out to the end. */
function without(text: string, opens: string, closes: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = text.indexOf(opens); at !== -1; at = text.indexOf(opens, from)) {
    kept.push(text.slice(from, at));
    const end = text.indexOf(closes, at);
    if (end === -1) return kept.join('');
    from = end + closes.length;
  }
  kept.push(text.slice(from));
  return kept.join('');
}
