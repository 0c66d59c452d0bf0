import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { anyOf, notInUtf8, noYamlCharacters, withMark } from '../formats/content.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { rewriteJson, stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import type { SarifResult } from '../formats/sarif-schema.ts';
import { noYaml } from '../formats/yaml-content.ts';
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
  const files = listedFiles(lines, { before: AUDITED, written: escaped }, context);
  return {
    ok: true,
    findings,
    notes: sarif.value.notes,
    unexamined: unaudited(lines, files, context),
    examined: { count: files.length, unit: 'files', evidence: '`completed <file>` on standard error', files },
  };
}

function ownSeverity({ properties }: SarifResult): string | undefined {
  const value = properties?.['zizmor/severity'];
  return typeof value === 'string' ? value : undefined;
}

/** Of the files that it does not name as audited: those of a wrong shape have a name, those that are no YAML have none. */
function unaudited(
  log: string,
  audited: readonly string[],
  { given, relative }: ParseContext,
): UnexaminedFile[] {
  const broken = [...log.matchAll(BROKEN)].map(([, why = '']) => why);
  const named = new Map<string, string>();
  for (const why of broken) {
    const path = relative(/^file:\/\/(.+) as [a-z ]+$/.exec(why)?.[1] ?? '');
    if (path !== undefined) named.set(path, 'not a valid workflow, action or Dependabot file');
  }
  const seen = new Set(audited);
  const unnamed = broken.length - named.size;
  const left = given.filter((path) => !seen.has(path) && !named.has(path) && !UNREAD_ENDING.test(path));
  // It says of each what is wrong and not which file it is: as many are left as it complains of.
  if (left.length <= unnamed) for (const path of left) named.set(path, 'it cannot be parsed as YAML');
  for (const path of given)
    if (UNREAD_ENDING.test(path)) named.set(path, 'zizmor reads the endings .yml and .yaml only');
  return [...named].map(([path, detail]) => ({ path, why: { kind: 'not-understood', detail } }));
}

/** In capitals, which GitHub runs and zizmor does not collect. */
const UNREAD_ENDING = /\.(?!ya?ml$)[^.]+$/;

const AUDITED = ' INFO audit: zizmor: 🌈 completed ./';

/** A line that tells of one file, with all lines that its name spans. */
const AUDITS = /^ INFO audit: zizmor: 🌈 completed \.\/[^\n]+(?:\n(?! +(?:INFO|WARN|ERROR|DEBUG) )[^\n]*)*/gm;

const BROKEN = /^ *WARN .*failed to (?:parse|load|validate|read)(?: input)?:? ?(.*)$/gm;

/** What it says of itself when it failed. */
const FAILED = /^(?:fatal|error): .*$|^.*panicked at.*$|^failed to load .*$/gm;

/** Which files it audited, in order, and which others broke off; without what it quotes of them. */
function sanitizeTrace(text: string): string {
  const audited = [...text.matchAll(AUDITS)].map(([line]) => line.trimEnd()).sort(byCodeUnit);
  const broken = [...text.matchAll(BROKEN)].map(([, why = '']) => `WARN failed to parse: ${placeIn(why)}`);
  const failed = [...text.matchAll(FAILED)].map(([line]) => line.slice(0, 200));
  return [...failed, ...audited, ...broken].map((line) => `${line}\n`).join('');
}

/** Control characters but line breaks are written as Rust escapes them. */
function escaped(path: string): string {
  return path.replace(/(?!\n)\p{Cc}/gu, (mark) => `\\x${mark.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function placeIn(why: string): string {
  const named = /^file:\/\/.+? as [a-z]+/.exec(why) ?? /at line \d+ column \d+/.exec(why);
  return named?.[0] ?? 'not understood';
}

const QUOTING: ReadonlySet<string> = new Set(['codeFlows', 'logicalLocations', 'relatedLocations']);

export const report: StageReport<Options> = {
  parse: (raw, context) => readZizmor(raw.report, raw.files, context),
  cannotRead: () => () => anyOf(notInUtf8, noYamlCharacters, withMark, noYaml),
  stopsAtUnread: true,
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
