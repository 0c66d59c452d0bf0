import type { Finding } from '../../core/finding.ts';
import { findingTitle } from '../../report/finding-title.ts';
import { type Paint, printable } from '../shared/paint.ts';
import { table } from '../views/table.ts';
import { placeOf } from './finding-text.ts';

const MOST_PLACES = 20;

/** A rule as a bundle shows it: what it reports, its weakness, where to read on, and every place; `findings` is not empty. */
export function ruleText(id: string, findings: readonly Finding[], paint: Paint): string {
  const [first] = findings;
  if (first === undefined) return '';
  const account = first.accounts.find(({ rule }) => rule.id === id);
  const tools = [...new Set(findings.flatMap(({ accounts }) => accounts.map(({ tool }) => tool)))].sort();
  const facts = [
    ['reported by', tools.join(', ')],
    ...(first.rule.cwe === undefined ? [] : [['weakness', first.rule.cwe.join(', ')]]),
    ...(first.rule.url === undefined ? [] : [['read', printable(first.rule.url)]]),
    ['message', printable(account?.message ?? first.message)],
  ];
  const places = findings
    .slice(0, MOST_PLACES)
    .map((finding) => [finding.severity, finding.fingerprint.slice(0, 12), printable(placeOf(finding))]);
  const rest = findings.length - places.length;
  return [
    `${paint('bold', printable(id))} ${printable(findingTitle(first))}`,
    table(facts, '  '),
    '',
    paint('bold', findings.length === 1 ? '1 place' : `${findings.length} places`),
    table(places, '  '),
    ...(rest > 0 ? [`  and ${rest} more: secplan findings --rule ${printable(id)}`] : []),
  ].join('\n');
}
