import type { Finding } from '../../core/finding.ts';
import { packageText, spanText } from '../../core/place-text.ts';
import { type Paint, printable } from '../shared/paint.ts';
import { table } from '../views/table.ts';

const DAYS = 90;

/** `app/x.py:12`, `lodash@4.17.20`, or the target. */
export function placeOf(finding: Finding): string {
  if (finding.package !== undefined) return packageText(finding.package);
  return finding.span === undefined ? finding.target : spanText(finding.span);
}

/** A finding for people: what and where, every tool's account, and how to be rid of it. */
export function findingText(finding: Finding, lines: string | undefined, now: number, paint: Paint): string {
  const { rule, span, package: pack } = finding;
  const facts = [
    ['place', printable(placeOf(finding))],
    ...(finding.alsoAt ?? []).map((span) => ['also at', printable(spanText(span))]),
    ['rule', printable([rule.id, rule.name].filter(Boolean).join('  '))],
    ...(rule.cwe === undefined ? [] : [['weakness', rule.cwe.join(', ')]]),
    ...(finding.advisories.length === 0 ? [] : [['advisories', printable(finding.advisories.join(', '))]]),
    ...(pack?.fixedVersion === undefined ? [] : [['fixed in', printable(pack.fixedVersion)]]),
    ...(span !== undefined && pack !== undefined ? [['found in', printable(span.path)]] : []),
    ['category', finding.category],
    ['target', printable(finding.target)],
    ...(rule.url === undefined ? [] : [['read', printable(rule.url)]]),
    ['fingerprint', finding.fingerprint],
  ];
  const accounts = finding.accounts.map((account) => [
    account.tool,
    printable(account.rule.id),
    account.toolLevel === undefined
      ? account.severity
      : `${account.severity} (tool level: ${printable(account.toolLevel)})`,
    printable(account.message).slice(0, 160),
  ]);
  return [
    `${paint(['bold', STYLE[finding.severity]], finding.severity)} ${printable(finding.message)}`,
    table(facts, '  '),
    ...(lines === undefined ? [] : ['', lines]),
    '',
    paint('bold', accounts.length === 1 ? 'Reported by' : `Reported by ${accounts.length} rules`),
    table(accounts, '  '),
    '',
    `${paint('bold', 'To waive it')}, add to secplan.yaml:`,
    waiverSnippet(finding, now),
  ].join('\n');
}

const STYLE = { critical: 'red', high: 'red', medium: 'yellow', low: 'blue', info: 'gray' } as const;

/** A waiver of just this finding, for 90 days; reason and owner are for the one who waives. */
export function waiverSnippet(finding: Finding, now: number): string {
  const expires = new Date(now + DAYS * 86_400_000).toISOString().slice(0, 10);
  return [
    'policy:',
    '  waivers:',
    `    - match: { fingerprint: ${finding.fingerprint} }`,
    '      reason: why this finding is acceptable',
    '      owner: you@example.org',
    `      expires: "${expires}"`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}
