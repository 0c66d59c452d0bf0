import { wrap } from '../../shared/wrap.ts';
import { closing } from './closing.ts';
import type { EndedScan, Ending } from './ending.ts';
import { chooseFirst, fixFirst } from './fix-first.ts';
import { lists, policyLists } from './lists.ts';
import { scannerRows } from './scanner-rows.ts';
import { budgetLine, headline } from './verdict-lines.ts';

/**
 * How a run ends: what each scanner did, what was not checked, what to fix first; and last, where the eye rests, the verdict,
 * the budgets, where the report is and what to do next.
 */
export function verdictText(scan: EndedScan, ending: Ending): string {
  const { verdict, summary } = scan;
  const choice = chooseFirst(scan, ending);
  const above = ending.detail === 'quiet' ? [] : [scannersText(scan, ending), fixFirst(choice, ending)];
  const last = [
    wrap(headline(verdict, summary.durations.totalMs, ending.paint), ending.width, 2),
    wrap(budgetLine(verdict, ending.paint), ending.width, 9),
    ...(ending.detail === 'quiet' ? [] : [policyLists(scan, ending)]),
    closing(scan, ending, choice.first[0]?.finding),
  ].filter((part) => part !== '');
  return [...above, last.join('\n')].filter((part) => part !== '').join('\n\n');
}

/** Lines between the start and what to fix first, for all scanners together. */
const ROOM = 11;

function scannersText(scan: EndedScan, ending: Ending): string {
  const others = lists(scan, ending);
  const taken = others === '' ? 0 : others.split('\n').length;
  const rows = scannerRows(scan, ending, ROOM - taken);
  return [rows, others].filter((part) => part !== '').join('\n');
}
