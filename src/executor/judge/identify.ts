import { canonicalJson, sha256Hex } from '../../core/canonical.ts';
import type { Category } from '../../core/category.ts';
import {
  type Finding,
  type FindingKind,
  type ParsedFinding,
  placedAt,
  placesOf,
  type Span,
} from '../../core/finding.ts';
import { type Fingerprint, fingerprint } from '../../core/ids.ts';
import type { Severity } from '../../core/severity.ts';
import { unreachable } from '../../core/unreachable.ts';
import type { ReadLine } from '../../io/line-reader.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { isSourcePath } from '../../stages/contract/source-path.ts';
import { blankSecret, secretTag } from './secret-span.ts';

/** Part of every fingerprint: raised when the way they are made changes, which makes every finding new. */
const FINGERPRINT_VERSION = 1;

/** Raised when fingerprints of any kind of finding are made in another way: findings kept in a cache are identified again. */
export const IDENTITY_VERSION = 2;

type Identified = Pick<ToolStage, 'id' | 'tool' | 'category' | 'covers' | 'target' | 'severityMap'>;

/**
 * Gives parsed findings their identity and severity. Fingerprints hold when lines move: they are made of what a
 * line says, not where it stands. Of the value of a secret they depend on sixteen bits.
 */
export function identify(
  stage: Identified,
  severities: Readonly<Record<string, Severity>>,
  parsed: readonly ParsedFinding[],
  readLine: ReadLine,
): Finding[] {
  const safe = parsed.map((finding) => withSafePlaces(wellFormed(finding)));
  const prints = fingerprintsOf(stage, safe, readLine);
  return prints.flatMap((print, index) => {
    const finding = safe[index];
    return finding === undefined
      ? []
      : [toFinding(stage, finding, severityOf(stage, severities, finding), print)];
  });
}

/** The fingerprints of findings of one stage, in their order. */
export function fingerprintsOf(
  stage: Pick<Identified, 'target'>,
  findings: readonly ParsedFinding[],
  readLine: ReadLine,
): readonly Fingerprint[] {
  const bases = findings.map((finding) => canonicalJson(basis(stage, finding, readLine)));
  const occurrences = occurrenceIndexes(findings, bases);
  return bases.map((text, index) => fingerprintOf(text, occurrences[index] ?? 0));
}

/** `severityMap` by rule, then by the tool's level; then the stage's table by rule; then the parser's; then the table by level; else medium. */
export function severityOf(
  stage: Pick<ToolStage, 'severityMap'>,
  severities: Readonly<Record<string, Severity>>,
  finding: ParsedFinding,
): Severity {
  const level = finding.toolLevel?.toLowerCase();
  return (
    own(stage.severityMap, finding.rule.id) ??
    own(lowerKeys(stage.severityMap), level) ??
    own(severities, finding.rule.id.toLowerCase()) ??
    finding.severity ??
    own(severities, level) ??
    'medium'
  );
}

function own(map: Readonly<Record<string, Severity>>, key: string | undefined): Severity | undefined {
  return key !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function lowerKeys(map: Readonly<Record<string, Severity>>): Readonly<Record<string, Severity>> {
  return Object.fromEntries(Object.entries(map).map(([key, severity]) => [key.toLowerCase(), severity]));
}

/** Reports may escape half a surrogate pair; canonical JSON, and so every document of ours, refuses it. */
function wellFormed<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed() as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wellFormed(member)])) as T;
}

/** A finding's places inside the workspace. A parser should give no other: if one does, the finding stays and the path goes. */
export function safePlaces(finding: ParsedFinding): readonly Span[] {
  return placesOf(finding).filter(({ path }) => isSourcePath(path));
}

function withSafePlaces(finding: ParsedFinding): ParsedFinding {
  const safe = safePlaces(finding);
  if (safe.length === placesOf(finding).length) return finding;
  const { span: _span, alsoAt: _further, ...rest } = finding;
  return { ...rest, ...placedAt(safe) };
}

/** What makes two findings the same one: one with a further place is another, so that a new place is not known. */
function basis(stage: Pick<Identified, 'target'>, finding: ParsedFinding, readLine: ReadLine): unknown {
  const first = basisOfFirst(stage, finding, readLine);
  const { kind, alsoAt = [] } = finding;
  if (alsoAt.length === 0 || kind === 'vulnerability' || kind === 'license') return first;
  const places = alsoAt.map((span) => {
    const line = lineOf(span, readLine);
    return canonicalJson([span.path, line === undefined ? '' : textIn(line, span, kind)]);
  });
  return [first, places.sort()];
}

function textIn(line: string, span: Span, kind: ParsedFinding['kind']): string {
  // The span of a secret is blanked before hashing.
  return normalized(kind === 'secret' ? blankSecret(line, span) : line);
}

function basisOfFirst(
  stage: Pick<Identified, 'target'>,
  finding: ParsedFinding,
  readLine: ReadLine,
): unknown {
  const { kind, rule, span } = finding;
  switch (kind) {
    case 'code':
    case 'misconfiguration': {
      const line = lineOf(span, readLine);
      // Without a line to go by, the message tells two findings of one rule and file apart.
      const text =
        line === undefined || span === undefined
          ? `message:${finding.message}`
          : `line:${textIn(line, span, kind)}`;
      return [kind, rule.id, span?.path ?? null, text];
    }
    case 'secret': {
      // In an image, say: its place is known to the message only.
      if (span === undefined) return [kind, rule.id, finding.message];
      const line = lineOf(span, readLine);
      // The rule is left out: scanners name the same secret differently.
      const text = line === undefined ? '' : textIn(line, span, kind);
      return [kind, span.path, text, secretTag(span, readLine) ?? null];
    }
    case 'vulnerability':
      return [kind, primaryAdvisory(finding), packageOf(finding), stage.target.kind, stage.target.name];
    case 'license':
      return [kind, packageOf(finding) ?? span?.path ?? null, rule.id];
    case 'privacy':
    case 'other':
      return [kind, rule.id, span?.path ?? null, finding.message];
    default:
      return unreachable(kind);
  }
}

function lineOf(span: Span | undefined, readLine: ReadLine): string | undefined {
  // The first line only: a finding on a whole block stays the same when the block's inside is edited.
  return span?.startLine === undefined ? undefined : readLine(span.path, span.startLine);
}

function normalized(line: string): string {
  return line.trim().replace(/\s+/g, ' ').slice(0, 2000).toWellFormed();
}

/** CVE before GHSA before anything else; within one family the first by code unit. */
function primaryAdvisory(finding: ParsedFinding): string {
  const ids = [...(finding.advisories ?? []), finding.rule.id].map((id) => id.toUpperCase()).sort();
  return ids.find((id) => id.startsWith('CVE-')) ?? ids.find((id) => id.startsWith('GHSA-')) ?? ids[0] ?? '';
}

function packageOf(finding: ParsedFinding): string | null {
  const affected = finding.package;
  if (affected === undefined) return null;
  // Qualifiers and subpath say where it was found or built, not what it is.
  return affected.purl?.split(/[?#]/)[0] ?? affected.name;
}

/** Findings with one basis at several places are counted in the order they stand, so each keeps its own identity. */
function occurrenceIndexes(findings: readonly ParsedFinding[], bases: readonly string[]): number[] {
  const places = new Map<string, Set<number>>();
  for (const [index, finding] of findings.entries()) {
    const basis = bases[index] ?? '';
    const known = places.get(basis) ?? new Set();
    known.add(placeOf(finding));
    places.set(basis, known);
  }
  const ranks = new Map<string, Map<number, number>>();
  for (const [basis, known] of places) {
    const sorted = [...known].sort((a, b) => a - b);
    ranks.set(basis, new Map(sorted.map((place, rank) => [place, rank])));
  }
  return findings.map((finding, index) => ranks.get(bases[index] ?? '')?.get(placeOf(finding)) ?? 0);
}

function placeOf(finding: ParsedFinding): number {
  // Only what stands in a line can stand there twice.
  const lined = finding.kind === 'code' || finding.kind === 'misconfiguration' || finding.kind === 'secret';
  if (!lined) return 0;
  return (finding.span?.startLine ?? 0) * 100_000 + Math.min(finding.span?.startColumn ?? 0, 99_999);
}

function fingerprintOf(basis: string, occurrence: number): Fingerprint {
  return fingerprint(sha256Hex(canonicalJson([FINGERPRINT_VERSION, basis, occurrence])));
}

function toFinding(
  stage: Identified,
  parsed: ParsedFinding,
  severity: Severity,
  print: Fingerprint,
): Finding {
  const places = {
    ...(parsed.span === undefined ? {} : { span: parsed.span }),
    ...(parsed.alsoAt === undefined ? {} : { alsoAt: parsed.alsoAt }),
  };
  const level: { readonly toolLevel?: string } =
    parsed.toolLevel === undefined ? {} : { toolLevel: parsed.toolLevel };
  const { rule, message } = parsed;
  return {
    fingerprint: print,
    kind: parsed.kind,
    category: categoryOf(stage, parsed.kind),
    target: stage.target.name,
    severity,
    rule,
    message,
    ...places,
    ...(parsed.package === undefined ? {} : { package: parsed.package }),
    advisories: [...(parsed.advisories ?? [])],
    accounts: [
      { fingerprint: print, stage: stage.id, tool: stage.tool, rule, message, severity, ...level, ...places },
    ],
  };
}

const CATEGORY_OF_KIND: Readonly<Partial<Record<FindingKind, Category>>> = {
  code: 'sast',
  vulnerability: 'sca',
  secret: 'secrets',
  misconfiguration: 'iac',
  license: 'license',
  privacy: 'privacy',
};

/** Of a scanner that looks for several kinds of flaw, each finding counts in the category of its kind. */
function categoryOf({ category, covers = [] }: Identified, kind: FindingKind): Category {
  const own = CATEGORY_OF_KIND[kind];
  return own !== undefined && covers.some((covered) => covered.category === own) ? own : category;
}
