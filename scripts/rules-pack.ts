import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sha256Hex } from '../src/core/canonical.ts';
import { type Rule, type RuleLanguage, readRules, ruleLanguages } from './rules/read-rules.ts';
import { ruleFacts, ruleProblems } from './rules/rule-problems.ts';

/** Raised by hand when rules change: the pack's digest goes into cache keys, its version into reports. */
const packVersion = '1.0.0';

/** Fewest rules in the whole pack, and of one language. */
const fewest = { pack: 48, language: 6 };

const titles: Readonly<Record<RuleLanguage, string>> = {
  dockerfile: 'Dockerfile',
  go: 'Go',
  java: 'Java',
  javascript: 'JavaScript and TypeScript',
  python: 'Python',
  yaml: 'YAML: Kubernetes, GitHub Actions, Docker Compose',
};

/**
 * sha256 (hex) over the rule files in code-unit order of their paths: path, NUL, length in bytes, NUL, bytes.
 * The length keeps the concatenation unambiguous. Examples are no part of it: they change no finding.
 */
export function packDigest(rules: readonly Rule[]): string {
  return sha256Hex(rules.map(({ path, text }) => `${path}\0${Buffer.byteLength(text)}\0${text}`).join(''));
}

/** Text of rules/secplan/pack.json. */
export function renderPack(rules: readonly Rule[]): string {
  const pack = { name: 'secplan', version: packVersion, rules: rules.length, sha256: packDigest(rules) };
  return `${JSON.stringify(pack, null, 2)}\n`;
}

/**
 * Text of rules/secplan.yaml, which scans use: all rules in one file. The engines check each file on its own, which for
 * a folder of a hundred takes 17 s of processor time instead of 5.
 */
export function renderBundle(rules: readonly Rule[]): string {
  const bodies = rules.map(({ text }) => text.replace(/^rules:\n/, ''));
  return `# Written by scripts/rules-pack.ts: change the rules, then run it.\nrules:\n${bodies.join('')}`;
}

/** Text of rules/README.md. Throws where a rule is malformed: ask packProblems first. */
export function renderReadme(rules: readonly Rule[]): string {
  const sections = Object.entries(titles).map(([language, title]) => {
    const rows = rules.filter((rule) => rule.language === language).map(row);
    return [
      `## ${title} (${rows.length})`,
      '',
      '| rule | severity | CWE | finds |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[intro(rules.length), ...sections].join('\n\n')}\n`;
}

function row(rule: Rule): string {
  const { severity, cwe, summary } = ruleFacts(rule);
  const name = rule.id.split('.').at(-1);
  return `| [${name}](${rule.path}) | ${severity} | ${cwe.join(', ')} | ${summary.replaceAll('|', '\\|')} |`;
}

function intro(count: number): string {
  return `# Rule pack

<!-- Written by scripts/rules-pack.ts: change the rules, then run it. -->

${count} rules for Opengrep and Semgrep that come with secplan, so that a scan needs no network. They are a floor of
mistakes with a low rate of false alarms, not a replacement for a larger rule set.

- \`secplan/<language>/<name>.yaml\` holds one rule, whose id is \`secplan.<language>.<name>\`.
- \`examples/<language>/<name>.bad.*\` is found, at each line below a \`secplan-expect\` comment and nowhere else;
  \`<name>.good.*\` is not found by any rule. They are wrong on purpose: leave \`rules/examples\` out of other scans.
- \`secplan.yaml\` holds all rules in one file, which loads faster; it is the one that scans use.
- \`secplan/pack.json\` carries the version and the digest of all rule files.
- Severity: critical and high are the engine's ERROR, medium its WARNING, low and info its INFO. SARIF carries a
  \`security-severity\` in the matching CVSS band.

After a change run \`node scripts/rules-pack.ts\`; the tests check every rule against its examples where
\`SECPLAN_SEMGREP\` names a \`semgrep\` or \`opengrep\` executable, or one is on PATH.`;
}

/** Everything that is wrong with the form of the pack at `root`, stale generated files included; one sentence each. */
export function packProblems(root: string): readonly string[] {
  const rules = readRules(root);
  const problems = [...rules.flatMap(ruleProblems), ...sizeProblems(rules), ...strayExamples(root, rules)];
  if (problems.length > 0) return problems;
  return generatedFiles(rules)
    .filter(
      ([file, text]) =>
        !existsSync(path.join(root, file)) || readFileSync(path.join(root, file), 'utf8') !== text,
    )
    .map(([file]) => `${file}: is stale, run node scripts/rules-pack.ts`);
}

function sizeProblems(rules: readonly Rule[]): readonly string[] {
  const languages = Object.keys(ruleLanguages).flatMap((language) => {
    const count = rules.filter((rule) => rule.language === language).length;
    return count < fewest.language
      ? [`secplan/${language}: ${count} rules, fewer than ${fewest.language}`]
      : [];
  });
  return rules.length < fewest.pack
    ? [...languages, `secplan: ${rules.length} rules, fewer than ${fewest.pack}`]
    : languages;
}

function strayExamples(root: string, rules: readonly Rule[]): readonly string[] {
  const known = new Set(rules.flatMap((rule) => rule.examples.map((example) => example.path)));
  return readdirSync(path.join(root, 'examples'), { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !known.has(file))
    .map((file) => `${file}: an example of no rule`);
}

function generatedFiles(rules: readonly Rule[]): readonly (readonly [file: string, text: string])[] {
  return [
    ['secplan/pack.json', renderPack(rules)],
    ['secplan.yaml', renderBundle(rules)],
    ['README.md', renderReadme(rules)],
  ];
}

function main(args: readonly string[]): number {
  const root = path.join(import.meta.dirname, '..', 'rules');
  if (args.some((arg) => arg !== '--check')) {
    console.error('usage: node scripts/rules-pack.ts [--check]');
    return 2;
  }
  if (!args.includes('--check')) {
    const rules = readRules(root);
    const malformed = rules.flatMap(ruleProblems);
    if (malformed.length === 0) {
      for (const [file, text] of generatedFiles(rules)) writeFileSync(path.join(root, file), text);
    }
  }
  const problems = packProblems(root);
  for (const problem of problems) console.error(`rules/${problem}`);
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  process.exitCode = main(process.argv.slice(2));
}
