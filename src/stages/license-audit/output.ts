import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/sarif.ts';

/** What src/stages/license-audit/assets/audit.py writes. */
const report = z.object({
  schema: z.literal('https://secplan.dev/schema/license-audit/v1'),
  documents: z.number().int().nonnegative(),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string().nullable(),
      purl: z.string().nullable(),
      licenses: z.array(
        z.object({
          text: z.string(),
          expression: z.string().nullable(),
          invalid: z.boolean(),
          categories: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});

type Component = z.infer<typeof report>['components'][number];
type License = Component['licenses'][number];

/** A finding for each package and kind of obligation that is not accepted; packages without a licence are one, too. */
export function readAudit(text: string | undefined, accept: readonly string[]): ParseOutcome {
  const read = readJsonReport('report', text, report);
  if (!read.ok) return read;
  const { components, documents } = read.value;
  const accepted = new Set(accept.map((category) => category.toLowerCase()));
  return {
    ok: true,
    findings: components.flatMap((component) => findingsOf(component, accepted)),
    notes: [],
    // A document without packages was looked at, too.
    examined: {
      count: documents + components.length,
      unit: 'packages',
      evidence: 'components[] of the report, and the document itself',
    },
  };
}

function findingsOf(component: Component, accepted: ReadonlySet<string>): ParsedFinding[] {
  if (component.licenses.length === 0) {
    return [licenseFinding(component, 'license-undeclared', `${label(component)} declares no licence`)];
  }
  const byRule = new Map<string, Set<string>>();
  for (const license of component.licenses) {
    for (const rule of rulesOf(license, accepted)) {
      byRule.set(rule, (byRule.get(rule) ?? new Set()).add(license.expression ?? license.text));
    }
  }
  return [...byRule].map(([rule, texts]) => {
    const licenses = [...texts].sort().join(', ');
    return licenseFinding(component, rule, `${label(component)}: ${licenses} is ${MEANING(rule)}`);
  });
}

function rulesOf({ expression, invalid, categories }: License, accepted: ReadonlySet<string>): string[] {
  if (invalid) return ['license-invalid'];
  if (expression === null) return ['license-unknown'];
  const named = Object.values(categories).filter((category) => !accepted.has(category.toLowerCase()));
  // One side of an OR that is accepted is a choice that the user has.
  const free = Object.values(categories).some((category) => accepted.has(category.toLowerCase()));
  if (named.length === 0 || (free && isChoice(expression))) return [];
  return [...new Set(named.map(ruleOf))];
}

/** Whether the outermost operator is OR: no AND outside of parentheses. */
function isChoice(expression: string): boolean {
  let outer = expression;
  for (let before = ''; before !== outer; ) {
    before = outer;
    outer = outer.replace(/\([^()]*\)/g, '');
  }
  return / OR /.test(outer) && !/ AND /.test(outer);
}

function ruleOf(category: string): string {
  const slug = category
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `license-${slug === '' || slug === 'unstated-license' ? 'unknown' : slug}`;
}

const MEANING = (rule: string): string =>
  ({
    'license-invalid': 'no licence expression',
    'license-unknown': 'no known licence',
  })[rule] ?? `of the category ${rule.slice('license-'.length).replaceAll('-', ' ')}`;

function label({ name, version }: Component): string {
  return version === null ? name : `${name} ${version}`;
}

/** A finding of kind `license` on a package. */
export function licenseFinding(
  { name, version, purl }: Pick<Component, 'name' | 'version' | 'purl'>,
  rule: string,
  message: string,
): ParsedFinding {
  return {
    kind: 'license',
    rule: { id: rule },
    message: oneLine(message).slice(0, 1000),
    package: {
      name,
      ...(version === null ? {} : { version }),
      ...(purl === null ? {} : { purl }),
    },
  };
}
