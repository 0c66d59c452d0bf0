import type { ChangeClass, PlanChange } from '../../planner/diff/diff.ts';
import { type Paint, printable } from '../shared/paint.ts';

const STYLE = { weakening: 'red', strengthening: 'green', neutral: 'gray' } as const;
const MARK = { weakening: '-', strengthening: '+', neutral: '~' } as const;

/** What a change does to scanning: weakenings first, with how many of each there are. */
export function changesText(changes: readonly PlanChange[], against: string, paint: Paint): string {
  if (changes.length === 0) return `No change against ${printable(against)}.`;
  const count = (kind: ChangeClass): number => changes.filter((change) => change.class === kind).length;
  const lines = changes.map(
    (change) =>
      `${paint(STYLE[change.class], `${MARK[change.class]} ${change.class.padEnd(13)}`)}  ${printable(change.subject)}: ${printable(change.text)}`,
  );
  const [weak, strong, neutral] = [count('weakening'), count('strengthening'), count('neutral')];
  return [
    `Against ${printable(against)}: ${weak} weakening, ${strong} strengthening, ${neutral} neutral`,
    ...lines,
  ].join('\n');
}
