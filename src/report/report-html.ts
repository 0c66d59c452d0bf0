import type { Finding } from '../core/finding.ts';
import { textsOf } from '../core/gap.ts';
import { spanText } from '../core/place-text.ts';
import { SEVERITIES } from '../core/severity.ts';
import type { Summary } from '../evidence/bundle/summary.ts';
import { unexaminedLines } from '../policy/unexamined.ts';
import type { Verdict } from '../policy/verdict.ts';
import { escapeMarkup as e } from './escape.ts';
import { comparisonLines, findingMarks, unfixedLines, vexLines, waiverLines } from './policy-lines.ts';

/** Findings shown in the page; the rest is in findings.sarif and the page says so. */
const MOST = 2000;

const STYLE = `
:root{color-scheme:light dark;--bad:#b3261e;--warn:#8a5a00;--good:#1b6e3c;--line:#8884}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
th{font-weight:600}td.n,th.n{text-align:right}code{font-size:.9em;overflow-wrap:anywhere}
.fail,.critical,.high{color:var(--bad)}.incomplete,.medium{color:var(--warn)}.pass{color:var(--good)}
.badge{border:2px solid;border-radius:.4rem;font-weight:700;padding:.1rem .6rem;text-transform:uppercase}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffca70;--good:#7ddc9a}}
`;

/** report.html: one file, no script, nothing loaded from elsewhere. */
export function reportHtml(summary: Summary, verdict: Verdict, findings: readonly Finding[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${e(summary.name)}: ${verdict.outcome}</title><style>${STYLE}</style></head><body>
<h1><span class="badge ${verdict.outcome}">${verdict.outcome}</span> ${e(summary.name)}, profile ${e(summary.profile)}</h1>${warnings(summary)}
<p>${e(summary.startedAt)} on ${e(summary.runtime)}, bundle <code>${e(summary.bundle)}</code>, plan <code>${e(summary.planDigest)}</code>, secplan ${e(summary.secplan)}</p>
<h2>Budgets <small>(${e(verdict.budgetsFrom)})</small></h2>
${budgets(verdict)}
<h2>What was checked</h2>
${coverage(verdict)}
${languageTable(verdict)}
${plainList('Files not examined', unexaminedLines(verdict))}
${plainList('Not checked', textsOf(verdict.coverage.notChecked))}
${plainList('Tool notes', textsOf(verdict.coverage.notes))}
${plainList('New and known', comparisonLines(verdict))}
${plainList('Waivers', waiverLines(verdict))}
${plainList('Without a fix', unfixedLines(verdict))}
${plainList('Not affected (VEX)', vexLines(verdict))}
<h2>Findings (${findings.length})</h2>
${findings.length > MOST ? `<p>The first ${MOST}; all of them are in findings.sarif.</p>` : ''}
${findingTable(findings.slice(0, MOST), findingMarks(verdict))}
<h2>Tools</h2>
${tools(summary)}
</body></html>
`;
}

/** What takes from the word in the heading. */
function warnings({ sandbox, partial }: Summary): string {
  const said = [
    ...(sandbox === 'off' ? ['The sandbox was off: scanners could reach all that their user can.'] : []),
    ...(partial ? ['Partial: some scanners of the profile were skipped.'] : []),
  ];
  return said.map((text) => `\n<p class="incomplete"><strong>${e(text)}</strong></p>`).join('');
}

function budgets(verdict: Verdict): string {
  const overall = SEVERITIES.map((severity) => {
    const line = verdict.budgets.find((item) => item.scope === 'overall' && item.severity === severity);
    return [
      severity,
      verdict.counts.overall[severity],
      line?.limit ?? 'no limit',
      line?.exceeded ? 'exceeded' : '',
    ] as const;
  });
  const scoped = verdict.budgets
    .filter((line) => line.scope !== 'overall')
    .map(
      (line) =>
        [
          line.severity === 'any' ? line.scope : `${line.scope}: ${line.severity}`,
          line.count,
          line.limit,
          line.exceeded ? 'exceeded' : '',
        ] as const,
    );
  const rows = [...overall, ...scoped].map(
    ([name, count, limit, mark]) =>
      `<tr><td>${e(name)}</td><td class="n">${count}</td><td class="n">${limit}</td><td class="fail">${mark}</td></tr>`,
  );
  return `<table><tr><th>severity</th><th class="n">found</th><th class="n">allowed</th><th></th></tr>${rows.join('')}</table>`;
}

/** Which code was looked at, and by whom. */
function languageTable({ coverage: { languages = [] } }: Verdict): string {
  if (languages.length === 0) return '';
  const rows = languages.map(
    ({ language, category, files, read, excluded, state, text }) =>
      `<tr><td>${e(language)}</td><td>${e(category)}</td><td class="n">${files}</td><td class="n">${read}</td><td class="n">${excluded}</td><td${state === 'read' || state === 'excluded' ? '' : ' class="incomplete"'}>${e(text)}</td></tr>`,
  );
  return `<h3>Languages</h3>
<table><tr><th>language</th><th>category</th><th class="n">files</th><th class="n">read</th><th class="n">excluded</th><th></th></tr>${rows.join('')}</table>`;
}

// What the profile never held is most of the catalogue: it stands behind a fold, what ran or should have before it.
function coverage(verdict: Verdict): string {
  const { entries } = verdict.coverage;
  const off = entries.filter(({ state }) => state === 'disabled');
  const on = coverageTable(entries.filter(({ state }) => state !== 'disabled'));
  if (off.length === 0) return on;
  return `${on}<details><summary>${off.length} more are disabled</summary>${coverageTable(off)}</details>`;
}

function coverageTable(entries: Verdict['coverage']['entries']): string {
  const rows = entries.map(
    (entry) =>
      `<tr><td>${e(entry.id)}</td><td class="${entry.state}">${entry.state}</td><td>${e(entry.detail)}</td><td class="n">${entry.findings}</td></tr>`,
  );
  return `<table><tr><th>stage</th><th>state</th><th>evidence or reason</th><th class="n">findings</th></tr>${rows.join('')}</table>`;
}

function plainList(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<h2>${title}</h2><ul>${lines.map((line) => `<li>${e(line)}</li>`).join('')}</ul>`;
}

function findingTable(findings: readonly Finding[], marks: ReadonlyMap<string, readonly string[]>): string {
  const rows = findings.map((finding) => {
    const { span, rule } = finding;
    const place = span === undefined ? (finding.package?.name ?? finding.target) : spanText(span);
    const further = finding.alsoAt?.length ?? 0;
    const more =
      further === 0 ? '' : `<br><small>and ${further} more ${further === 1 ? 'place' : 'places'}</small>`;
    const tools = [...new Set(finding.accounts.map((account) => account.tool))].join(', ');
    const name =
      rule.url !== undefined && /^https?:\/\//.test(rule.url)
        ? `<a href="${e(rule.url)}" rel="noreferrer">${e(rule.id)}</a>`
        : e(rule.id);
    return `<tr><td class="${finding.severity}">${finding.severity}</td><td><code>${e(place)}</code>${more}</td><td>${name}<br><small>${e(tools)}</small></td><td>${e(finding.message)}${markText(marks.get(finding.fingerprint))}</td></tr>`;
  });
  return `<table><tr><th>severity</th><th>place</th><th>rule, tools</th><th>message</th></tr>${rows.join('')}</table>`;
}

function markText(marks: readonly string[] | undefined): string {
  return marks === undefined ? '' : `<br><small>${marks.map(e).join('; ')}</small>`;
}

function tools(summary: Summary): string {
  const rows = summary.tools.map(
    (tool) =>
      `<tr><td>${e(tool.stage)}</td><td>${e(tool.name)} ${e(tool.version ?? 'unknown version')}</td><td>${e(tool.provider)}${tool.thirdParty === null ? '' : ` (packaged by ${e(tool.thirdParty)})`}</td><td>${tool.pinned ? 'pinned' : 'not pinned'}</td><td><code>${e(tool.digest)}</code></td></tr>`,
  );
  return `<table><tr><th>stage</th><th>tool</th><th>from</th><th></th><th>digest</th></tr>${rows.join('')}</table>`;
}
