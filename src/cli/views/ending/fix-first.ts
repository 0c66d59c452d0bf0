import type { Finding } from '../../../core/finding.ts';
import { spanText } from '../../../core/place-text.ts';
import { compareSeverity } from '../../../core/severity.ts';
import { exploitedSet } from '../../../policy/exploited.ts';
import { type FirstToFix, type FixGroup, firstToFix } from '../../../policy/rank/first-to-fix.ts';
import { findingTitle } from '../../../report/finding-title.ts';
import { clip, printable } from '../../shared/paint.ts';
import { type EndedScan, type Ending, layoutWidth, NARROW, SEVERITY_STYLE } from './ending.ts';
import { countedFindings } from './policy-lines.ts';

const TOP = 10;

/** What to fix first, one line a rule or package with its number of places; empty where nothing counts. */
export function fixFirst({ first, groups }: FirstToFix, ending: Ending): string {
  if (first.length === 0) return '';
  const width = layoutWidth(ending);
  const places = first.map(placesText);
  const placeWidth = Math.min(Math.max(...places.map(({ length }) => length)), Math.floor(width * 0.42));
  const lines = first.map((group, index) => {
    const { severity } = group.finding;
    const head = `${String(index + 1).padStart(2)} ${ending.paint(SEVERITY_STYLE[severity], severity.padEnd(8))} `;
    const place = clipStart(places[index] ?? '', width < NARROW ? width - 4 : placeWidth);
    if (width < NARROW) return `${head}${clip(titleOf(group), width - 12)}\n    ${place}`;
    const room = width - 12 - placeWidth - 1;
    return `${head}${clip(titleOf(group), room).padEnd(room)} ${place}`;
  });
  const rest = groups - first.length;
  const more = rest > 0 ? ` (${first.length} of ${groups}; all: secplan findings)` : '';
  return [`${ending.paint('bold', 'Fix first')}${more}`, ...lines].join('\n');
}

/** New findings come before those that were known; each by risk. */
export function chooseFirst(scan: EndedScan, { lowest, detail }: Ending): FirstToFix {
  const { comparison, exploited } = scan.verdict;
  const listed = countedFindings(scan).filter(
    ({ severity }) => lowest === undefined || compareSeverity(severity, lowest) <= 0,
  );
  const facts = { exploited: exploitedSet(exploited) };
  const most = detail === 'verbose' ? Number.POSITIVE_INFINITY : TOP;
  if (comparison === undefined) return firstToFix(listed, facts, most);
  const fresh = new Set(comparison.new);
  const isNew = ({ fingerprint }: Finding): boolean => fresh.has(fingerprint);
  const ours = firstToFix(listed.filter(isNew), facts, most);
  const known = firstToFix(
    listed.filter((finding) => !isNew(finding)),
    facts,
    most - ours.first.length,
  );
  return { first: [...ours.first, ...known.first], groups: ours.groups + known.groups };
}

function titleOf({ finding, risk, fixedVersion }: FixGroup): string {
  const exploited = risk.factors.some(({ kind }) => kind === 'exploited') ? 'exploited: ' : '';
  const fix = fixedVersion === undefined ? '' : `, fixed in ${fixedVersion}`;
  const cwe = finding.rule.cwe?.[0];
  const weakness = fix !== '' || cwe === undefined ? '' : ` (${cwe})`;
  return printable(`${exploited}${findingTitle(finding)}${fix}${weakness}`);
}

/** `app/x.py:12`, or the target of what has no file, and how many more places there are. */
function placesText({ finding: { span, target }, places }: FixGroup): string {
  const more = places > 1 ? ` +${places - 1}` : '';
  return printable(`${span === undefined ? target : spanText(span)}${more}`);
}

/** Cuts the start of a path: its end says more. */
function clipStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - Math.max(0, width - 1))}`;
}
