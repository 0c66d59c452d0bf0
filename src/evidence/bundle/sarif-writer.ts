import { byCodeUnit } from '../../core/canonical.ts';
import { type AffectedPackage, type Finding, placesOf, type Rule, type Span } from '../../core/finding.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';
import type { SarifMarks } from './sarif-marks.ts';

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** Scores in the middle of the CVSS v3 bands: what code-scanning services rate rules by. */
const SCORE: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
  info: '0.0',
};

/** An http address as RFC 3986 has it; tools give texts that are none, and one of them would break the whole report. */
const ADDRESS =
  /^https?:\/\/[\w.-]+(?::\d+)?(?:\/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)?(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?$/i;

export interface SarifDriver {
  readonly name: string;
  readonly version: string | null;
  readonly informationUri?: string;
}

interface RuleEntry {
  readonly id: string;
  readonly rule: Rule;
  severity: Severity;
  index: number;
}

/**
 * SARIF 2.1.0 of findings, in pieces, so that a report of any size is written in bounded memory.
 * `qualified` puts the tool before the rule's id, for the merged report in which two tools' ids could meet.
 * `marks` says what the gate made of single findings, by fingerprint.
 */
export function* sarifChunks(
  driver: SarifDriver,
  findings: readonly Finding[],
  qualified: boolean,
  marks: SarifMarks = new Map(),
): Generator<string> {
  const rules = collectRules(findings, qualified);
  const head = {
    name: driver.name,
    ...(driver.version === null ? {} : { version: driver.version }),
    ...(driver.informationUri === undefined ? {} : { informationUri: driver.informationUri }),
    rules: [...rules.values()].map(ruleJson),
  };
  yield `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":${JSON.stringify(head)}},"columnKind":"unicodeCodePoints","results":[`;
  let chunk = '';
  for (const [index, finding] of findings.entries()) {
    chunk += `${index === 0 ? '' : ','}\n${JSON.stringify(resultJson(finding, rules, qualified, marks))}`;
    if (chunk.length < 1 << 16) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}\n]}]}\n`;
}

/** The same as one text, for small reports and tests. */
export function sarifText(
  driver: SarifDriver,
  findings: readonly Finding[],
  qualified: boolean,
  marks?: SarifMarks,
): string {
  return [...sarifChunks(driver, findings, qualified, marks)].join('');
}

function collectRules(findings: readonly Finding[], qualified: boolean): Map<string, RuleEntry> {
  const rules = new Map<string, RuleEntry>();
  for (const finding of findings) {
    const id = ruleId(finding, qualified);
    const known = rules.get(id);
    if (known === undefined) rules.set(id, { id, rule: finding.rule, severity: finding.severity, index: 0 });
    else if (compareSeverity(finding.severity, known.severity) < 0) known.severity = finding.severity;
  }
  const sorted = [...rules.values()].sort((a, b) => byCodeUnit(a.id, b.id));
  sorted.forEach((entry, index) => {
    entry.index = index;
  });
  return new Map(sorted.map((entry) => [entry.id, entry]));
}

/** A merged finding has the rule of one of its accounts, not always of the first. */
function ruleId({ rule, accounts }: Finding, qualified: boolean): string {
  if (!qualified) return rule.id;
  const own = accounts.find((account) => account.rule.id === rule.id) ?? accounts[0];
  return `${own?.tool ?? 'secplan'}/${rule.id}`;
}

function ruleJson({ id, rule, severity }: RuleEntry): object {
  return {
    id,
    ...(rule.name === undefined ? {} : { shortDescription: { text: rule.name } }),
    ...(rule.url === undefined || !ADDRESS.test(rule.url) ? {} : { helpUri: rule.url }),
    properties: {
      'security-severity': SCORE[severity],
      tags: ['security', ...(rule.cwe ?? []).map((cwe) => `external/cwe/${cwe.toLowerCase()}`)],
    },
  };
}

function resultJson(
  finding: Finding,
  rules: ReadonlyMap<string, RuleEntry>,
  qualified: boolean,
  marks: SarifMarks,
): object {
  const mark = marks.get(finding.fingerprint);
  const id = ruleId(finding, qualified);
  const { span } = finding;
  return {
    ruleId: id,
    ruleIndex: rules.get(id)?.index ?? -1,
    level: LEVEL[finding.severity],
    message: { text: finding.message },
    ...(span === undefined
      ? {}
      : { locations: placesOf(finding).map((place) => ({ physicalLocation: locationJson(place) })) }),
    ...(mark?.baselineState === undefined ? {} : { baselineState: mark.baselineState }),
    ...(mark?.suppressions === undefined ? {} : { suppressions: mark.suppressions }),
    partialFingerprints: { 'secplan/v1': finding.fingerprint },
    properties: {
      severity: finding.severity,
      kind: finding.kind,
      category: finding.category,
      target: finding.target,
      ...placesJson(finding),
      ...(finding.package === undefined ? {} : { package: packageJson(finding.package) }),
      ...(finding.advisories.length === 0 ? {} : { advisories: finding.advisories }),
      ...(mark?.exploited === undefined ? {} : { exploited: mark.exploited }),
      accounts: finding.accounts.map((account) => ({
        tool: account.tool,
        stage: account.stage,
        rule: account.rule.id,
        severity: account.severity,
        ...(account.toolLevel === undefined ? {} : { toolLevel: account.toolLevel }),
        message: account.message,
        ...placesJson(account),
        fingerprint: account.fingerprint,
      })),
    },
  };
}

// Members stand in one order, whether a finding was just parsed or comes from the cache.
function spanJson({ path, startLine, startColumn, endLine, endColumn }: Span): Span {
  return {
    path,
    ...(startLine === undefined ? {} : { startLine }),
    ...(startColumn === undefined ? {} : { startColumn }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}

function placesJson({ span, alsoAt }: Pick<Finding, 'span' | 'alsoAt'>): Pick<Finding, 'span' | 'alsoAt'> {
  return {
    ...(span === undefined ? {} : { span: spanJson(span) }),
    ...(alsoAt === undefined ? {} : { alsoAt: alsoAt.map(spanJson) }),
  };
}

function packageJson({ name, version, purl, fixedVersion }: AffectedPackage): AffectedPackage {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
  };
}

function locationJson(span: Span): object {
  const { path, ...region } = spanJson(span);
  return {
    artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' },
    ...(region.startLine === undefined ? {} : { region }),
  };
}
