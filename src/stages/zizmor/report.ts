import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteJson, stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import type { SarifResult } from '../formats/sarif-schema.ts';
import type { Options } from './stage.ts';

/** zizmor's SARIF; which files it audited stands on standard error alone. */
function readZizmor(
  text: string | undefined,
  trace: string | undefined,
  context: ParseContext,
): ParseOutcome {
  const sarif = readSarif(text, {
    output: 'report',
    drivers: ['zizmor'],
    kind: 'misconfiguration',
    ownLevel: ownSeverity,
    relative: context.relative,
  });
  if (!sarif.ok) return sarif;
  const findings = sarif.value.findings.map((finding): ParsedFinding => {
    const { id, ...rule } = finding.rule;
    return { ...finding, rule: { ...rule, id: id.replace(/^zizmor\//, '') } };
  });
  const lines = trace ?? '';
  const audited = new Set([...lines.matchAll(AUDITED)].map(([, path]) => path));
  return {
    ok: true,
    findings,
    notes: [...sarif.value.notes, ...unparsed(lines)],
    examined: { count: audited.size, unit: 'files', evidence: '`completed <file>` on standard error' },
  };
}

function ownSeverity({ properties }: SarifResult): string | undefined {
  const value = properties?.['zizmor/severity'];
  return typeof value === 'string' ? value : undefined;
}

/** It does not say which file it was: the place in it, at most. */
function unparsed(log: string): Note[] {
  return [...log.matchAll(BROKEN)].slice(0, 1000).map(([, why = '']) => ({
    message: oneLine(`a file was not checked: ${placeIn(why)}`),
  }));
}

const AUDITED = /^ *INFO audit: .*completed (.+)$/gm;

const BROKEN = /^ *WARN .*failed to (?:parse|load|validate|read)[^:]*:? ?(.*)$/gm;

/** What it says of itself when it failed. */
const FAILED = /^(?:fatal|error): .*$|^.*panicked at.*$/gm;

/** Which files it audited, in order, and where others broke off; without what it quotes of them. */
function sanitizeTrace(text: string): string {
  const audited = [...text.matchAll(AUDITED)].map(([line]) => line).sort(byCodeUnit);
  const broken = [...text.matchAll(BROKEN)].map(([, why = '']) => `WARN failed to parse: ${placeIn(why)}`);
  const failed = [...text.matchAll(FAILED)].map(([line]) => line.slice(0, 200));
  return [...failed, ...audited, ...broken].map((line) => `${line}\n`).join('');
}

function placeIn(why: string): string {
  return /at line \d+ column \d+/.exec(why)?.[0] ?? 'not understood';
}

const QUOTING: ReadonlySet<string> = new Set(['codeFlows', 'logicalLocations', 'relatedLocations']);

export const report: StageReport<Options> = {
  parse: (raw, context) => readZizmor(raw.report, raw.files, context),
  sanitize: (output, text) => (output === 'report' ? sanitizeZizmor(text) : sanitizeTrace(text)),
};

/** Without what it quotes of the files. The keys are the standard's: they can be dropped at any depth. */
function sanitizeZizmor(text: string): string {
  return stableSarif(
    rewriteJson(text, (report) =>
      JSON.parse(JSON.stringify(report), (key, value: unknown) => (QUOTING.has(key) ? undefined : value)),
    ),
  );
}
