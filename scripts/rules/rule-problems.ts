import { parse } from 'yaml';
import * as z from 'zod';
import { type Rule, ruleLanguages } from './read-rules.ts';

const rating = z.enum(['HIGH', 'MEDIUM', 'LOW']);

/** Engine level and CVSS band (lowest, highest) that each of secplan's severities must come with. */
const levels = {
  critical: { engine: 'ERROR', band: [9, 10] },
  high: { engine: 'ERROR', band: [7, 8.9] },
  medium: { engine: 'WARNING', band: [4, 6.9] },
  low: { engine: 'INFO', band: [0.1, 3.9] },
  info: { engine: 'INFO', band: [0, 0] },
} as const;

const document = z.strictObject({
  rules: z
    .array(
      z.looseObject({
        id: z.string(),
        languages: z.array(z.string()),
        severity: z.enum(['ERROR', 'WARNING', 'INFO']),
        // What is wrong in the first sentence, what to do about it in the rest.
        message: z
          .string()
          .regex(/^[A-Z][^\n]+\. [A-Z][^\n]+\.$/, 'needs two sentences or more')
          .max(400),
        metadata: z.strictObject({
          category: z.literal('security'),
          cwe: z.array(z.string().regex(/^CWE-\d+: [A-Z]/)).min(1),
          confidence: rating,
          likelihood: rating,
          impact: rating,
          'secplan-severity': z.enum(['critical', 'high', 'medium', 'low', 'info']),
          // The engine copies this one into SARIF, where readers that know nothing of secplan look for it.
          'security-severity': z.string().regex(/^\d+\.\d$/),
          references: z.array(z.url({ protocol: /^https$/ })).min(1),
        }),
      }),
    )
    .length(1),
});

export interface RuleFacts {
  readonly severity: keyof typeof levels;
  readonly cwe: readonly string[];
  /** First sentence of the message. */
  readonly summary: string;
}

/** What a rule file says of itself. Throws a ZodError or a YAMLParseError where ruleProblems has something to say. */
export function ruleFacts(rule: Rule): RuleFacts {
  const [found] = document.parse(parse(rule.text)).rules;
  if (found === undefined) throw new Error(`${rule.path}: no rule`);
  const summary = /^.+?\.(?= [A-Z])/.exec(found.message)?.[0] ?? found.message;
  return {
    severity: found.metadata['secplan-severity'],
    cwe: found.metadata.cwe.map((entry) => entry.replace(/:.*/, '')),
    summary,
  };
}

/** Everything that is wrong with the form of one rule and its examples, one sentence each; empty where nothing is. */
export function ruleProblems(rule: Rule): readonly string[] {
  return [...documentProblems(rule), ...exampleProblems(rule)].map((problem) => `${rule.path}: ${problem}`);
}

function documentProblems(rule: Rule): readonly string[] {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*\.yaml$/.test(rule.path.split('/').at(-1) ?? ''))
    return ['not a kebab-case .yaml file'];
  let raw: unknown;
  try {
    raw = parse(rule.text);
  } catch (error) {
    return [`not YAML: ${error instanceof Error ? error.message : String(error)}`];
  }
  const read = document.safeParse(raw);
  if (!read.success) return read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return read.data.rules.flatMap((found) => {
    const level = levels[found.metadata['secplan-severity']];
    const score = Number(found.metadata['security-severity']);
    const engine = ruleLanguages[rule.language].engine.join(', ');
    return [
      found.id === rule.id ? [] : [`id is ${found.id}, its place says ${rule.id}`],
      found.languages.join(', ') === engine ? [] : [`languages must be [${engine}]`],
      found.severity === level.engine
        ? []
        : [`${found.metadata['secplan-severity']} goes with severity ${level.engine}`],
      score >= level.band[0] && score <= level.band[1]
        ? []
        : [
            `security-severity ${score} is outside of ${level.band.join('-')}, the band of its secplan-severity`,
          ],
    ].flat();
  });
}

function exampleProblems(rule: Rule): readonly string[] {
  const bad = rule.examples.filter((example) => example.kind === 'bad');
  const good = rule.examples.filter((example) => example.kind === 'good');
  return [
    bad.length === 0 ? ['has no failing example'] : [],
    good.length === 0 ? ['has no passing example'] : [],
    bad.filter(({ lines }) => lines.length === 0).map((example) => `${example.path} expects no finding`),
    good.filter(({ lines }) => lines.length > 0).map((example) => `${example.path} expects findings`),
  ].flat();
}
