import * as z from 'zod';
import type { FindingKind, ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { locationOf } from './location.ts';
import { oneLine } from './one-line.ts';
import { jsonVariant } from './variants.ts';

const text = z.string().nullish();
const identifier = z.object({ type: text, name: text, value: text, url: text });
const vulnerability = z.object({
  category: text,
  name: text,
  message: text,
  description: text,
  severity: text,
  identifiers: z.array(identifier).min(1),
  location: z
    .object({
      file: text,
      start_line: z.number().nullish(),
      end_line: z.number().nullish(),
      dependency: z.object({ package: z.object({ name: z.string() }), version: text }).nullish(),
    })
    .nullish(),
});

/** GitLab's security report, of SAST, secret detection, dependency and container scanning alike. */
const report = z.object({
  version: z.string(),
  vulnerabilities: z.array(vulnerability),
  scan: z.object({ status: z.enum(['success', 'failure']).nullish() }).nullish(),
});

/** What GitLab's analyzers make of a scanner's report. One that says that its scan failed is not read. */
export function gitlabVariant(kind: FindingKind): ReportVariant {
  const inner = jsonVariant("GitLab's security report", report, ({ vulnerabilities }, { relative }) => ({
    findings: vulnerabilities.map((item) => toFinding(item, kind, relative)),
  }));
  const failed = jsonVariant(
    inner.name,
    report.refine(({ scan }) => scan?.status === 'failure'),
    () => ({ findings: [] }),
  );
  return {
    name: inner.name,
    parse: (raw, context) =>
      failed.parse(raw, context).ok
        ? { ok: false, failure: { reason: 'error-text', text: 'scan.status is failure' } }
        : inner.parse(raw, context),
  };
}

function toFinding(
  { category, name, message, description, severity, identifiers, location }: z.infer<typeof vulnerability>,
  kind: FindingKind,
  relative: (path: string) => string | undefined,
): ParsedFinding {
  const [main] = identifiers;
  const cwe = identifiers.flatMap(({ type, value }) =>
    type === 'cwe' && /^\d{1,6}$/.test(value ?? '') ? [`CWE-${value}`] : [],
  );
  const advisories = identifiers.flatMap(({ type, value }) =>
    value && /^(cve|ghsa|osv)$/i.test(type ?? '') ? [value] : [],
  );
  const dependency = location?.dependency;
  const said = message || name || description || main?.name || 'no message';
  const of = category === 'secret_detection' ? 'secret' : dependency ? 'vulnerability' : kind;
  return {
    kind: of,
    rule: {
      id: oneLine(main?.value || main?.name || 'unknown'),
      ...(name ? { name: oneLine(name) } : {}),
      ...(main?.url && /^https?:/.test(main.url) ? { url: main.url } : {}),
      ...(cwe.length > 0 ? { cwe: [...new Set(cwe)].sort() } : {}),
    },
    message: oneLine(dependency ? `${dependency.package.name} ${dependency.version ?? ''}: ${said}` : said),
    ...severityOf(severity),
    ...locationOf(location?.file ? relative(location.file) : undefined, {
      startLine: location?.start_line,
      endLine: location?.end_line,
    }),
    ...(dependency
      ? {
          package: {
            name: dependency.package.name,
            ...(dependency.version ? { version: dependency.version } : {}),
          },
        }
      : {}),
    ...(advisories.length > 0 ? { advisories: [...new Set(advisories)].sort() } : {}),
  };
}

const WORDS = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** GitLab's own scale, whatever the scanner's is; `Unknown` has none. */
function severityOf(word: string | null | undefined): Pick<ParsedFinding, 'severity' | 'toolLevel'> {
  const severity = WORDS.find((name) => name === word?.toLowerCase());
  return { ...(severity === undefined ? {} : { severity }), ...(word ? { toolLevel: word } : {}) };
}
