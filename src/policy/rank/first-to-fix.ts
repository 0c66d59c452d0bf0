import type { Category } from '../../core/category.ts';
import type { Finding } from '../../core/finding.ts';
import { type Risk, type RiskFacts, riskOf } from './risk.ts';

/** What one change mends: a rule with all its places, or a package with all its advisories. */
export interface FixGroup {
  /** The one of the highest risk. */
  readonly finding: Finding;
  readonly risk: Risk;
  /** How many findings it stands for, itself included. */
  readonly places: number;
  /** The newest of the versions that fix an advisory of the package; undefined where a tool names none for one of them. */
  readonly fixedVersion?: string;
}

/** The first groups, and how many there are in all. */
export interface FirstToFix {
  readonly first: readonly FixGroup[];
  readonly groups: number;
}

/** At most so many rows of one file or one category, while others of comparable risk are left. */
const PER_FILE = 2;
const PER_CATEGORY = 4;
/** What has at least this share of the highest risk is comparable. */
const COMPARABLE = 0.5;

/**
 * What to fix first: one row a rule or package, by risk, spread over files and categories. Deterministic: equal risks keep
 * the order of the findings. Gives at most `most` groups and how many groups there are in all.
 */
export function firstToFix(findings: readonly Finding[], facts: RiskFacts, most: number): FirstToFix {
  const groups = groupsOf(findings, facts);
  const left = [...groups];
  const first: FixGroup[] = [];
  const files = new Map<string, number>();
  const categories = new Map<Category, number>();
  while (first.length < most) {
    const [highest] = left;
    if (highest === undefined) break;
    const open = left.findIndex(
      ({ finding, risk }) =>
        risk.score >= highest.risk.score * COMPARABLE &&
        (files.get(fileOf(finding)) ?? 0) < PER_FILE &&
        (categories.get(finding.category) ?? 0) < PER_CATEGORY,
    );
    const [chosen = highest] = left.splice(Math.max(0, open), 1);
    first.push(chosen);
    count(files, fileOf(chosen.finding));
    count(categories, chosen.finding.category);
  }
  return { first: first.sort((a, b) => b.risk.score - a.risk.score), groups: groups.length };
}

function groupsOf(findings: readonly Finding[], facts: RiskFacts): readonly FixGroup[] {
  const byKey = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [finding]);
    else group.push(finding);
  }
  return [...byKey.values()]
    .map((group) => {
      const rated = group.map((finding) => ({ finding, risk: riskOf(finding, facts) }));
      const worst = rated.reduce((one, other) => (other.risk.score > one.risk.score ? other : one));
      const fixedVersion = worst.finding.package === undefined ? undefined : newestFix(group);
      return { ...worst, places: group.length, ...(fixedVersion === undefined ? {} : { fixedVersion }) };
    })
    .sort((a, b) => b.risk.score - a.risk.score);
}

/** One update of a package mends all its advisories in one target; a rule is mended where it is found. */
function keyOf({ kind, package: pack, rule, target }: Finding): string {
  return kind === 'vulnerability' && pack !== undefined
    ? JSON.stringify([target, pack.name, pack.version ?? null])
    : JSON.stringify([kind, rule.id]);
}

function newestFix(group: readonly Finding[]): string | undefined {
  const versions = group.map((finding) => finding.package?.fixedVersion);
  if (versions.includes(undefined)) return undefined;
  return (versions as string[]).reduce((one, other) => (VERSIONS.compare(other, one) > 0 ? other : one));
}

/** Numbers within a version by value, all else as text: enough to choose between fixes of one package. */
const VERSIONS = new Intl.Collator('en', { numeric: true });

function fileOf({ span, package: pack, target }: Finding): string {
  return span?.path ?? pack?.name ?? target;
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
