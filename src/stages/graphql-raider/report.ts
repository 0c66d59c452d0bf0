import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { textDetail } from '../families/http/http-auth.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

/** `graphql-cop -o json`: every test, with whether it found something. */
const reportSchema = z
  .array(
    z.object({
      result: z.boolean(),
      title: z.string(),
      description: z.string(),
      severity: z.string(),
      /** The request as a command; empty where none was sent. */
      curl_verify: z.string(),
    }),
  )
  .min(1);

const NOT_GRAPHQL = /does not seem to be running GraphQL/;

function readGraphqlCop(text: string | undefined, context: ParseContext): ParseOutcome {
  // Said before the list, which is empty then: nobody answered, or no GraphQL.
  if (text !== undefined && NOT_GRAPHQL.test(text.slice(0, 4000)))
    return {
      ok: false,
      failure: { reason: 'error-text', text: 'no GraphQL service answers there (graphqlPath option)' },
    };
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const path = textDetail(context.target, 'graphql');
  return {
    ok: true,
    findings: read.value.filter(({ result }) => result).map((test) => copFinding(test, path)),
    notes: [],
    examined: {
      count: read.value.filter(({ curl_verify }) => curl_verify !== '').length,
      unit: 'requests',
      evidence: 'tests in the report that name a request',
    },
  };
}

function copFinding(
  { title, description, severity }: { title: string; description: string; severity: string },
  path?: string,
): ParsedFinding {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  return {
    kind: 'other',
    rule: { id: `graphql/${slug}`, name: oneLine(title) },
    message: oneLine(description),
    toolLevel: severity,
    ...locationOf(path),
  };
}

/** Without the requests, which hold the credential, and the host in the impact. */
function sanitizeGraphqlCop(text: string): string {
  if (NOT_GRAPHQL.test(text.slice(0, 4000))) return 'does not seem to be running GraphQL\n';
  return rewriteJson(text, (json) => (Array.isArray(json) ? json.map(withoutRequest) : json));
}

function withoutRequest(item: unknown): unknown {
  const kept = omit(item, ['impact', 'color']);
  return isRecord(kept) && kept.curl_verify ? { ...kept, curl_verify: 'curl' } : kept;
}

const LINE = /^\[(HIGH|MEDIUM|LOW|INFO)\] (?:(.{1,200}?) - )?(.{1,300}?) \(([^()\n]{1,100})\)$/gm;

const PAIR =
  /'([^'\n]{1,200})': \{'severity': '(\w{1,20})', 'impact': '[^'\n]{0,200}', 'description': '([^'\n]{0,300})'\}/g;

/** What versions before 1.3 print: lines, or a dictionary in Python's own notation. Only what was found stands there. */
const textVariant: ReportVariant = {
  name: 'text',
  parse: (text) => {
    const found = new Map<string, ParsedFinding>();
    const add = (title: string, description: string, severity: string): void => {
      found.set(description, copFinding({ title, description, severity }));
    };
    const some = text.slice(0, 1_000_000);
    for (const [, severity = '', title, description = ''] of some.matchAll(LINE))
      add(title ?? description, description, severity);
    for (const [, title = '', severity = '', description = ''] of some.matchAll(PAIR))
      add(title, description, severity);
    if (found.size === 0)
      return {
        ok: false,
        failure: { reason: 'report-schema', output: 'report', detail: 'no line of GraphQL Cop' },
      };
    return {
      ok: true,
      findings: [...found.values()],
      notes: [],
      examined: { count: 0, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};

export const report: StageReport<Options> = {
  parse: (raw, context) => readGraphqlCop(raw.report, context),
  variants: [textVariant],
  sanitize: (_, text) => sanitizeGraphqlCop(text),
};
