/** Raised with every change of the mapping: an index template with an older version is replaced, a newer one is kept. */
export const TEMPLATE_VERSION = 1;
/** Over templates that somebody has for every index (`*`, priority 0 to 100 by custom). */
const PRIORITY = 200;

const keyword = { type: 'keyword', ignore_above: 1024 } as const;
const date = { type: 'date' } as const;
const count = { type: 'integer' } as const;
const milliseconds = { type: 'long' } as const;
const yes = { type: 'boolean' } as const;
const text = { type: 'text' } as const;
const severities = { critical: count, high: count, medium: count, low: count, info: count } as const;

type Field = Readonly<Record<string, unknown>>;
const rows = (properties: Readonly<Record<string, Field>>): Field => ({ type: 'nested', properties });

/**
 * What each field of a run's document is. Nothing else is indexed (`dynamic: false`), so no foreign text can make a field;
 * it is kept in the document all the same, and an index of an older version takes documents of a newer one.
 */
export const RUN_MAPPING = {
  dynamic: false,
  properties: {
    '@timestamp': date,
    schema: keyword,
    bundle: keyword,
    bundleDigest: keyword,
    name: keyword,
    profile: keyword,
    runtime: keyword,
    secplan: keyword,
    planDigest: keyword,
    commit: keyword,
    ref: keyword,
    repository: keyword,
    verdict: keyword,
    exitCode: count,
    partial: yes,
    headline: text,
    durationMs: milliseconds,
    findings: {
      properties: {
        ...severities,
        total: count,
        new: count,
        existing: count,
        waived: count,
        notAffected: count,
        exploited: count,
      },
    },
    tools: rows({ tool: keyword, total: count, ...severities }),
    categories: rows({ category: keyword, total: count, ...severities }),
    budgets: rows({ scope: keyword, severity: keyword, limit: count, count, exceeded: yes }),
    stages: rows({
      stage: keyword,
      tool: keyword,
      category: keyword,
      state: keyword,
      reason: keyword,
      findings: count,
      durationMs: milliseconds,
    }),
    coverage: {
      properties: {
        done: count,
        'not-applicable': count,
        excluded: count,
        disabled: count,
        skipped: count,
        incomplete: count,
        files: count,
        notChecked: { properties: { kind: keyword, stage: keyword, text } },
        requiredMissing: keyword,
      },
    },
    notRun: {
      properties: {
        stage: keyword,
        tool: keyword,
        category: keyword,
        state: keyword,
        reason: keyword,
        kind: keyword,
        detail: text,
      },
    },
    newFindings: {
      properties: {
        severity: keyword,
        rule: keyword,
        tool: keyword,
        category: keyword,
        target: keyword,
        path: keyword,
        line: count,
        package: keyword,
        message: text,
        fingerprint: keyword,
      },
    },
    newFindingsLeftOut: count,
  },
} as const;

export function templateName(index: string): string {
  return `secplan-${index}`;
}

/** The index template of the one index that runs go to. */
export function indexTemplate(index: string): Field {
  return {
    index_patterns: [index],
    priority: PRIORITY,
    version: TEMPLATE_VERSION,
    template: { mappings: RUN_MAPPING },
    _meta: { description: 'Runs of secplan: https://secplan.dev/schema/opensearch-run/v1' },
  };
}
