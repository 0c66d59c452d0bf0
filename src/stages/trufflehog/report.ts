import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type {
  Note,
  ParseContext,
  ParseOutcome,
  RawOutputs,
  ReportVariant,
  StageReport,
} from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const place = z.object({ file: z.string().nullish(), line: z.number().int().nullish() });

/** One line of standard output. Never read: Raw, RawV2, Redacted, SecretParts, ExtraData. */
const result = z.object({
  /** By source: Filesystem, Git, Github … */
  SourceMetadata: z.object({ Data: z.record(z.string(), place) }).nullish(),
  DetectorName: z.string().min(1),
  DetectorDescription: z.string().nullish(),
  DecoderName: z.string().nullish(),
  Verified: z.boolean(),
});

/** One line of its log. */
const entry = z.object({
  level: z.string(),
  msg: z.string(),
  bytes: z.number().nonnegative().optional(),
  path: z.string().optional(),
});

type Result = z.infer<typeof result>;

/** The last thing that it says, with how much it read. */
const FINISHED = 'finished scanning';

/** TruffleHog's JSON lines. What it says of secrets is empty when clean; that it got to its end stands in its log. */
function readTrufflehog(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const log = raw.log === undefined ? undefined : readJsonLines('log', raw.log, entry);
  if (log?.ok === false) return log;
  const read = readJsonLines('report', raw.report, result);
  // Only a run has a log: a report from elsewhere that is empty says nothing.
  const empty = log !== undefined && !read.ok && read.failure.reason === 'report-empty';
  if (!read.ok && !empty) return read;
  const findings = read.ok ? read.value.map((item) => toFinding(item, context)) : [];
  const end = log?.value.find(({ msg }) => msg === FINISHED);
  return {
    ok: true,
    findings: onePerPlace(findings),
    notes: (log?.value ?? []).filter(({ level }) => level === 'error').map((item) => toNote(item, context)),
    examined: {
      count: end?.bytes ?? 0,
      unit: 'bytes',
      evidence: `bytes of \`${FINISHED}\` in its log`,
    },
  };
}

function toFinding(item: Result, context: ParseContext): ParsedFinding {
  const [first] = Object.values(item.SourceMetadata?.Data ?? {});
  const path = first?.file ? context.relative(first.file) : undefined;
  const line = first?.line ?? 0;
  const decoded = item.DecoderName && item.DecoderName !== 'PLAIN' ? ` (in ${item.DecoderName})` : '';
  return {
    kind: 'secret',
    rule: { id: item.DetectorName, name: oneLine(`${item.DetectorName} credential`), cwe: ['CWE-798'] },
    message: oneLine(
      `${item.DetectorName} credential${item.Verified ? ', verified as working' : ''}${decoded}${item.DetectorDescription ? `: ${item.DetectorDescription}` : ''}`,
    ),
    toolLevel: item.Verified ? 'verified' : 'unverified',
    ...locationOf(path, { startLine: line }),
  };
}

/** The same secret is reported once for each decoder that saw it, and in no fixed order. */
function onePerPlace(findings: readonly ParsedFinding[]): ParsedFinding[] {
  const places = new Map<string, ParsedFinding>();
  for (const finding of findings) {
    const { span } = finding;
    const key =
      span === undefined ? `${places.size}` : JSON.stringify([finding.rule.id, span.path, span.startLine]);
    if (!places.has(key)) places.set(key, finding);
  }
  return [...places.values()];
}

function toNote({ path: written, msg }: z.infer<typeof entry>, context: ParseContext): Note {
  const path = written === undefined ? undefined : context.relative(written);
  return { message: `not checked: ${oneLine(msg)}`, ...(path === undefined ? {} : { path }) };
}

/** Without the secrets, in all the forms in which a result holds them, in one order. */
function sanitizeResults(text: string): string {
  return lines(text, ({ SourceMetadata, DetectorName, DetectorDescription, DecoderName, Verified }) => ({
    SourceMetadata,
    DetectorName,
    DetectorDescription,
    DecoderName,
    Verified,
  }));
}

/** What its log says of errors and of the end, without times and durations. An error's own text may quote a file. */
function sanitizeLog(text: string): string {
  return lines(text, ({ level, msg, bytes, chunks, path }) =>
    // A line of another shape is kept without its content, for the parser to refuse.
    typeof level !== 'string' ||
    typeof msg !== 'string' ||
    level === 'error' ||
    level === 'fatal' ||
    msg === FINISHED
      ? { level, msg, bytes, chunks, path }
      : undefined,
  );
}

/** A line that is no JSON object keeps its first character, so that it still reads as broken. */
function lines(text: string, edit: (item: Readonly<Record<string, unknown>>) => unknown): string {
  const kept = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => edited(line, edit))
    .filter((line) => line !== undefined);
  return kept
    .toSorted(byCodeUnit)
    .map((line) => `${line}\n`)
    .join('');
}

function edited(
  line: string,
  edit: (item: Readonly<Record<string, unknown>>) => unknown,
): string | undefined {
  try {
    const json: unknown = JSON.parse(line);
    if (!isRecord(json)) return 'null';
    // An item that is edited away is left out.
    return JSON.stringify(edit(json));
  } catch {
    return /^\s*[{[]/.test(line) ? '{…' : `not JSON, ${line.length} characters withheld`;
  }
}

/** trufflehog3, a fork of version 2 by another project. `secret` and `context` are not read. */
const fork = z.array(
  z.object({
    rule: z.object({ id: z.string(), message: z.string(), severity: z.string() }),
    path: z.string(),
    line: z.union([z.string(), z.number()]).nullish(),
  }),
);

/** Version 2 wrote a finding for each file of a commit; `diff`, `printDiff` and `stringsFound` are not read. */
const old = z.object({ path: z.string(), reason: z.string(), commitHash: z.string() });

/** A secret as a report of another tool or version names it. */
interface OtherSecret {
  readonly id: string;
  readonly name: string;
  readonly level: string;
  readonly path: string | undefined;
  /** Counts from 1; 0 where the report names no line. */
  readonly line: number;
}

function otherFinding({ id, name, level, path, line }: OtherSecret): ParsedFinding {
  return {
    kind: 'secret',
    rule: { id, name: oneLine(name), cwe: ['CWE-798'] },
    message: oneLine(`${name} credential`),
    toolLevel: level,
    ...locationOf(path, { startLine: line }),
  };
}

const sarif = sarifVariant(['TruffleHog', 'trufflehog'], 'secret');

const variants: readonly ReportVariant[] = [
  jsonVariant('the JSON that trufflehog3 writes', fork, (items, { relative }) => ({
    findings: onePerPlace(
      items.map(({ rule, path, line }) => {
        const at = Number(line);
        return otherFinding({
          id: rule.id,
          name: rule.message,
          level: rule.severity,
          path: relative(path),
          line: Number.isInteger(at) ? at : 0,
        });
      }),
    ),
  })),
  {
    name: 'JSON lines of version 2',
    parse: (text, { relative }) => {
      const read = readJsonLines('report', text, old);
      if (!read.ok) return read;
      const findings = read.value.map(({ path, reason }) =>
        otherFinding({ id: reason, name: reason, level: 'unverified', path: relative(path), line: 0 }),
      );
      return {
        ok: true,
        findings,
        notes: [],
        examined: { count: 0, unit: 'files', evidence: 'a report from elsewhere' },
      };
    },
  },
  {
    ...sarif,
    parse: (text, context) => {
      const outcome = sarif.parse(text, context);
      return outcome.ok ? { ...outcome, findings: onePerPlace(outcome.findings) } : outcome;
    },
  },
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readTrufflehog(raw, context),
  sanitize: (output, text) => (output === 'log' ? sanitizeLog(text) : sanitizeResults(text)),
};
