import { gzipSync } from 'node:zlib';
import { fitResult, type Result } from './fit-result.ts';

/** One upload: a SARIF file of one run, with its own category. */
export interface SarifPart {
  /** `secplan/<name>/<profile>`, from the second part on with `/part-2` … behind it. */
  readonly category: string;
  readonly results: number;
  readonly gzip: Buffer;
}

export interface SplitLimits {
  /** Results of a run that GitHub shows. */
  readonly results: number;
  readonly gzipBytes: number;
}

export interface SplitSarif {
  readonly parts: readonly SarifPart[];
  /** Results that were left out: larger than an upload by themselves. */
  readonly tooLarge: number;
  /** Results about personal data that were kept back. */
  readonly withheld: number;
  /** Results with more places than GitHub takes. */
  readonly cut: number;
  /** Rules with more tags than GitHub takes. */
  readonly tagged: number;
  /** An upload without results, which closes what an earlier one of the category opened. */
  empty(category: string): SarifPart;
}

// GitHub takes 20 runs a file and 25,000 results and rules a run: a part has one run and far fewer of both.
export const GITHUB_LIMITS: SplitLimits = { results: 5_000, gzipBytes: 10 * 2 ** 20 };
/** Of one rule. */
const MAX_TAGS = 20;

interface Rule {
  readonly id: string;
  readonly properties?: { readonly tags?: readonly string[] };
}
interface Run {
  readonly tool: { readonly driver: { readonly rules?: readonly Rule[] } };
  readonly results?: readonly Result[];
}

/**
 * Cuts the report of a bundle into uploads that GitHub takes whole: one run each, at most so many results, at most so
 * many bytes. Nothing is left out without being counted.
 * @throws SyntaxError on text that is no JSON
 */
export function splitSarif(
  text: string,
  category: string,
  {
    includePrivacy = true,
    limits = GITHUB_LIMITS,
    prefix = '',
  }: {
    includePrivacy?: boolean;
    limits?: SplitLimits;
    /** The workspace in the repository, `` or ended by `/`. */
    prefix?: string;
  } = {},
): SplitSarif {
  const { $schema, version, runs } = JSON.parse(text) as {
    $schema: string;
    version: string;
    runs: readonly Run[];
  };
  const parts: SarifPart[] = [];
  let [tooLarge, withheld, cut] = [0, 0, 0];
  const partOf = (run: Run, results: readonly Result[], name: string): SarifPart => {
    const file = { $schema, version, runs: [runOf(run, results, name)] };
    return { category: name, results: results.length, gzip: gzipSync(JSON.stringify(file)) };
  };
  for (const run of runs) {
    const all = run.results ?? [];
    const told = includePrivacy ? all : all.filter(({ properties }) => properties?.category !== 'privacy');
    withheld += all.length - told.length;
    const results = told.map((one) => {
      const fitted = fitResult(one, prefix);
      if (fitted.cut) cut += 1;
      return fitted.result;
    });
    const waiting: (readonly Result[])[] = [];
    for (let at = 0; at < results.length || at === 0; at += limits.results)
      waiting.push(results.slice(at, at + limits.results));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const part = partOf(run, next, partName(category, parts.length + 1));
      if (part.gzip.length <= limits.gzipBytes) parts.push(part);
      else if (next.length < 2) tooLarge += next.length;
      else waiting.unshift(next.slice(0, next.length >> 1), next.slice(next.length >> 1));
    }
  }
  const rules = runs.flatMap(({ tool }) => tool.driver.rules ?? []);
  return {
    parts,
    tooLarge,
    withheld,
    cut,
    tagged: rules.filter(({ properties }) => (properties?.tags?.length ?? 0) > MAX_TAGS).length,
    empty: (name) => partOf(runs[0] ?? { tool: { driver: {} } }, [], name),
  };
}

/** What the nth part of a report is filed under. */
export function partName(category: string, number: number): string {
  return number === 1 ? category : `${category}/part-${number}`;
}

/** A run of some of its results, with the rules that they name. A category ends with a slash (SARIF 2.1.0, 3.17.3). */
function runOf(run: Run, results: readonly Result[], category: string): object {
  const { driver } = run.tool;
  const used = new Set(results.map(({ ruleId }) => ruleId));
  const rules = (driver.rules ?? []).filter(({ id }) => used.has(id)).map(taggedAsAllowed);
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    ...run,
    tool: { ...run.tool, driver: { ...driver, rules } },
    automationDetails: { id: `${category}/` },
    results: results.map((result) => ({ ...result, ruleIndex: indexes.get(result.ruleId ?? '') ?? -1 })),
  };
}

function taggedAsAllowed(rule: Rule): Rule {
  const tags = rule.properties?.tags ?? [];
  if (tags.length <= MAX_TAGS) return rule;
  return { ...rule, properties: { ...rule.properties, tags: tags.slice(0, MAX_TAGS) } };
}
