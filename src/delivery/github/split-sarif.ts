import { gzipSync } from 'node:zlib';

/** One upload: a SARIF file of one run, with a category of its own. */
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

export const GITHUB_LIMITS: SplitLimits = { results: 5_000, gzipBytes: 10 * 2 ** 20 };
/** Of one rule. */
const MAX_TAGS = 20;

interface Rule {
  readonly id: string;
  readonly properties?: { readonly tags?: readonly string[] };
}
interface Result {
  readonly ruleId?: string;
  readonly ruleIndex?: number;
}
interface Run {
  readonly tool: { readonly driver: { readonly rules?: readonly Rule[] } };
  readonly results?: readonly Result[];
}

/**
 * Cuts the report of a bundle into uploads that GitHub takes whole: one run each, at most so many results, at most so
 * many bytes. Nothing is dropped; a single result that is too large by itself is named in `tooLarge`.
 * @throws SyntaxError on text that is no JSON
 */
export function splitSarif(
  text: string,
  category: string,
  limits: SplitLimits = GITHUB_LIMITS,
): { readonly parts: readonly SarifPart[]; readonly tooLarge: number } {
  const { $schema, version, runs } = JSON.parse(text) as {
    $schema: string;
    version: string;
    runs: readonly Run[];
  };
  const parts: SarifPart[] = [];
  let tooLarge = 0;
  for (const run of runs) {
    const results = run.results ?? [];
    const waiting: (readonly Result[])[] = [];
    for (let at = 0; at < results.length || at === 0; at += limits.results)
      waiting.push(results.slice(at, at + limits.results));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const name = parts.length === 0 ? category : `${category}/part-${parts.length + 1}`;
      const file = { $schema, version, runs: [runOf(run, next, name)] };
      const gzip = gzipSync(JSON.stringify(file));
      if (gzip.length <= limits.gzipBytes) parts.push({ category: name, results: next.length, gzip });
      else if (next.length < 2) tooLarge += next.length;
      else waiting.unshift(next.slice(0, next.length >> 1), next.slice(next.length >> 1));
    }
  }
  return { parts, tooLarge };
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
