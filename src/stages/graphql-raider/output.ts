import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome } from '../contract/report.ts';
import { textDetail } from '../families/http/http-auth.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import { oneLine } from '../formats/sarif.ts';

/** `graphql-cop -o json`: every test, with whether it found something. */
const report = z
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

export function readGraphqlCop(text: string | undefined, context: ParseContext): ParseOutcome {
  // Said before the list, which is empty then: nobody answered, or no GraphQL.
  if (text !== undefined && NOT_GRAPHQL.test(text.slice(0, 4000)))
    return {
      ok: false,
      failure: { reason: 'error-text', text: 'no GraphQL answers there (graphqlPath option)' },
    };
  const read = readJsonReport('report', text, report);
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

export function copFinding(
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
    ...(path === undefined ? {} : { span: { path } }),
  };
}

/** Without the requests, which hold the credential, and the host in the impact. */
export function sanitizeGraphqlCop(text: string): string {
  if (NOT_GRAPHQL.test(text.slice(0, 4000))) return 'does not seem to be running GraphQL\n';
  return rewriteJson(text, (json) => (Array.isArray(json) ? json.map(withoutRequest) : json));
}

function withoutRequest(item: unknown): unknown {
  const kept = omit(item, ['impact', 'color']);
  return isRecord(kept) && kept.curl_verify ? { ...kept, curl_verify: 'curl' } : kept;
}
