import { openBundle } from '../../app/workspace/open-bundle.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { spanText } from '../../core/place-text.ts';
import type { Severity } from '../../core/severity.ts';
import type { BundleContent } from '../../evidence/bundle/read-bundle.ts';
import { exploitedSet } from '../../policy/exploited.ts';
import { byRisk } from '../../policy/rank/risk.ts';
import { findingTitle } from '../../report/finding-title.ts';
import { findingMarks } from '../../report/policy-lines.ts';
import { type FindingFilter, filterFindings } from '../findings/filter-findings.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { clip, printable } from '../shared/paint.ts';
import { SEVERITY_STYLE } from '../views/ending/ending.ts';

/** `secplan findings [BUNDLE]`: the findings of a bundle, by risk, filtered. Shows only; the exit code is 0 whatever it lists. */
export async function findings(console: Console, bundle: unknown, flags: Flags): Promise<number> {
  const { exportDir } = flags as { exportDir?: string };
  const named = typeof bundle === 'string' ? bundle : undefined;
  const read = await openBundle({ cwd: console.cwd, bundle: named, exportDir });
  if (!read.ok) return console.refuse(read.diagnostics);
  const content = read.value;
  const filter = filterOf(flags);
  const unknown = unknownTool(content, filter);
  if (unknown !== undefined) return console.refuse([unknown]);
  const listed = byRisk(filterFindings(content, filter), {
    exploited: exploitedSet(content.verdict.exploited),
  });
  if (console.json) {
    console.document('findings', { bundle: content.dir, total: content.findings.length, findings: listed });
    return EXIT.pass;
  }
  const marks = findingMarks(content.verdict);
  for (const finding of listed) {
    const { severity, fingerprint, accounts, span, target } = finding;
    const tools = [...new Set(accounts.map(({ tool }) => tool))].join('+');
    const place = span === undefined ? target : spanText(span);
    const marked = marks.get(fingerprint);
    const head = `${console.paint(SEVERITY_STYLE[severity], severity.padEnd(8))} ${fingerprint.slice(0, 12)}`;
    const title = printable(findingTitle(finding));
    const told = marked === undefined ? '' : ` [${marked.map(printable).join('; ')}]`;
    console.print(`${head}  ${clip(`${title} (${tools})${told}`, console.width - 23)}`);
    console.print(`${' '.repeat(23)}${clip(printable(place), console.width - 23)}`);
  }
  const of = listed.length === content.findings.length ? '' : ` of ${content.findings.length}`;
  console.print(`${listed.length}${of} ${content.findings.length === 1 ? 'finding' : 'findings'}`);
  return EXIT.pass;
}

function filterOf(flags: Flags): FindingFilter {
  const { severity, tool, rule, path, category, state } = flags as Readonly<Record<string, unknown>>;
  return {
    ...(severity === undefined ? {} : { lowest: severity as Severity }),
    ...(tool === undefined ? {} : { tools: tool as readonly string[] }),
    ...(rule === undefined ? {} : { rule: String(rule) }),
    ...(path === undefined ? {} : { path: String(path) }),
    ...(category === undefined ? {} : { category: String(category) }),
    ...(state === undefined ? {} : { state: state as NonNullable<FindingFilter['state']> }),
  };
}

/** A mistyped tool must not look like a clean one. */
function unknownTool({ verdict }: BundleContent, { tools = [] }: FindingFilter) {
  const known = [...new Set(verdict.coverage.entries.map(({ tool }) => tool))].sort();
  const wrong = tools.find((tool) => !known.includes(tool));
  if (wrong === undefined) return undefined;
  return diagnostic('SP9001', `the bundle has no scanner ${JSON.stringify(wrong)}`, { allowed: known });
}
