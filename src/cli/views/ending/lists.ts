import { textsOf } from '../../../core/gap.ts';
import { languageLines } from '../../../policy/languages.ts';
import { unexaminedLines } from '../../../policy/unexamined.ts';
import { clip, printable } from '../../shared/paint.ts';
import { type EndedScan, type Ending, layoutWidth } from './ending.ts';
import { comparisonLines, exploitedLines, unfixedLines, vexLines, waiverLines } from './policy-lines.ts';

interface List {
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines that are shown without `--verbose`; one where it is absent. */
  readonly most?: number;
}

/** Languages that are named; the rest is counted. */
const LANGUAGES = 3;

/** Everything else that a run has to tell: whole under `--verbose`, else a line each. */
export function lists(scan: EndedScan, ending: Ending): string {
  const { verdict } = scan;
  const all: readonly List[] = [
    { title: 'Not read', lines: languageLines(verdict.coverage.languages), most: LANGUAGES },
    { title: 'Files not examined', lines: unexaminedLines(verdict) },
    { title: 'Not checked', lines: textsOf(verdict.coverage.notChecked) },
    { title: 'Tool notes', lines: textsOf(verdict.coverage.notes) },
    { title: 'Third-party or unpinned tools', lines: thirdParties(scan) },
  ];
  return print(all, ending);
}

/** What the policy compared and set aside: below the verdict, since it explains it. */
export function policyLists(scan: EndedScan, ending: Ending): string {
  const { verdict } = scan;
  const all: readonly List[] = [
    { title: 'New and known', lines: comparisonLines(verdict) },
    { title: 'Exploited', lines: exploitedLines(scan) },
    { title: 'Waivers', lines: waiverLines(verdict) },
    { title: 'Without a fix', lines: unfixedLines(verdict) },
    { title: 'Not affected (VEX)', lines: vexLines(verdict) },
  ];
  return print(all, ending);
}

function print(all: readonly List[], ending: Ending): string {
  return all
    .filter(({ lines }) => lines.length > 0)
    .map((list) => (ending.detail === 'verbose' ? whole(list, ending) : short(list, ending)))
    .join('\n');
}

function whole({ title, lines }: List, { paint }: Ending): string {
  return [paint('bold', `${title} (${lines.length})`), ...lines.map((line) => `  ${printable(line)}`)].join(
    '\n',
  );
}

function short({ title, lines, most = 1 }: List, ending: Ending): string {
  const shown = lines.length <= most ? lines : lines.slice(0, most);
  const rest = lines.length - shown.length;
  const width = layoutWidth(ending);
  return shown
    .map((line, index) => {
      const more = rest > 0 && index === shown.length - 1 ? ` (and ${rest} more: --verbose)` : '';
      const room = Math.max(16, width - title.length - 2 - more.length);
      const head = index === 0 ? `${ending.paint('bold', title)}: ` : ' '.repeat(title.length + 2);
      return `${head}${clip(printable(line), room)}${more}`;
    })
    .join('\n');
}

function thirdParties({ results }: EndedScan): readonly string[] {
  return results.flatMap((result) => {
    if (result.state !== 'done') return [];
    const { name, version, thirdParty, pinned } = result.toolUsed;
    const odd = [
      ...(thirdParty === null ? [] : [`third-party package: ${thirdParty}`]),
      ...(pinned ? [] : ['not pinned by tools.lock.json']),
    ];
    const tool = version === null ? name : `${name} ${version}`;
    return odd.length === 0 ? [] : [`${result.stage}: ${tool} ${odd.join(', ')}`];
  });
}
