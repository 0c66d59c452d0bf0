import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, rewriteJson, stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import type { SarifRun } from '../formats/sarif-schema.ts';
import { jsonVariant } from '../formats/variants.ts';
import { SEEN } from './command.ts';
import type { Options } from './stage.ts';

/** A file that Hadolint could not parse. */
const UNPARSED = 'DL1000';

/** Hadolint's SARIF, as `sanitizeHadolint` leaves it: the files that it understood are the run's artifacts. */
function readHadolint(text: string | undefined, context: ParseContext): ParseOutcome {
  const sarif = readSarif(text, {
    output: 'report',
    drivers: ['Hadolint'],
    kind: 'misconfiguration',
    relative: context.relative,
  });
  if (!sarif.ok) return sarif;
  const unexamined: UnexaminedFile[] = [];
  const findings: ParsedFinding[] = [];
  for (const finding of sarif.value.findings) {
    if (finding.rule.id === UNPARSED) unexamined.push(...unparsed(finding));
    else findings.push(withUrl(finding));
  }
  return {
    ok: true,
    findings,
    notes: sarif.value.notes,
    unexamined,
    examined: {
      count: sarif.value.artifacts,
      unit: 'files',
      evidence: `files without the required label ${SEEN}`,
      files: seenFiles(sarif.value.runs, context),
    },
  };
}

/** Its message may quote the file. */
function unparsed({ span }: ParsedFinding): UnexaminedFile[] {
  if (span === undefined) return [];
  const where = span.startLine === undefined ? '' : `, line ${span.startLine}`;
  return [{ path: span.path, why: { kind: 'not-understood', detail: `no valid Dockerfile${where}` } }];
}

/** It writes names as they are: one is no URI to be decoded. */
function seenFiles(runs: readonly SarifRun[], { relative }: ParseContext): string[] {
  const uris = runs.flatMap(({ artifacts }) => artifacts ?? []).map(({ location }) => location?.uri);
  return uris.flatMap((uri) => (typeof uri !== 'string' ? [] : (relative(uri) ?? [])));
}

/** The report has no rules, only their ids. */
function withUrl(finding: ParsedFinding): ParsedFinding {
  const { id } = finding.rule;
  const url = id.startsWith('SC')
    ? `https://www.shellcheck.net/wiki/${id}`
    : `https://github.com/hadolint/hadolint/wiki/${id}`;
  return { ...finding, rule: { ...finding.rule, url } };
}

/** Without the hits of our own label: the files that had one become the run's artifacts, in order. */
function sanitizeHadolint(text: string): string {
  return stableSarif(rewriteJson(text, (report) => mapList(report, 'runs', withArtifacts)));
}

function withArtifacts(run: unknown): unknown {
  if (!isRecord(run) || !Array.isArray(run.results) || 'artifacts' in run) return run;
  const seen = run.results.filter(isCanary).map(uriOf);
  const uris = [...new Set(seen.filter((uri) => uri !== undefined))].sort();
  return {
    ...run,
    results: run.results.filter((result) => !isCanary(result)),
    artifacts: uris.map((uri) => ({ location: { uri } })),
  };
}

function isCanary(result: unknown): boolean {
  if (!isRecord(result) || result.ruleId !== 'DL3049' || !isRecord(result.message)) return false;
  return result.message.text === `Label \`${SEEN}\` is missing.`;
}

function uriOf(result: unknown): string | undefined {
  const locations: unknown = isRecord(result) ? result.locations : undefined;
  const first: unknown = Array.isArray(locations) ? locations[0] : undefined;
  const physical = isRecord(first) ? first.physicalLocation : undefined;
  const artifact = isRecord(physical) ? physical.artifactLocation : undefined;
  return isRecord(artifact) && typeof artifact.uri === 'string' ? artifact.uri : undefined;
}

const otherSchema = z.array(
  z.object({
    code: z.string(),
    file: z.string(),
    line: z.number().int(),
    level: z.string(),
    message: z.string(),
  }),
);

const LEVELS: Readonly<Record<string, string>> = { info: 'note', style: 'note' };

const variants: readonly ReportVariant[] = [
  jsonVariant('the JSON that hadolint writes', otherSchema, (items, { relative }) => ({
    findings: items.map(({ code, file, line, level, message }) => {
      const path = relative(file);
      return withUrl({
        kind: 'misconfiguration',
        rule: { id: code },
        message: oneLine(message),
        toolLevel: LEVELS[level] ?? level,
        ...locationOf(path, { startLine: line }),
      });
    }),
  })),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readHadolint(raw.report, context),
  sanitize: (_, text) => sanitizeHadolint(text),
};
