import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budgets, PlannedPolicy, PlannedWaiver } from '../../../src/compiler/model/model.ts';
import { digestOf } from '../../../src/core/canonical.ts';
import type { FailureReason } from '../../../src/core/failure.ts';
import type { Account, Finding, FindingKind, Rule } from '../../../src/core/finding.ts';
import { withText } from '../../../src/core/gap.ts';
import { digestOfHex, fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import { compareSeverity, SEVERITIES, type Severity } from '../../../src/core/severity.ts';
import type { StageResult, StageState } from '../../../src/executor/stage-result.ts';
import { holdBudgets } from '../../../src/policy/budgets.ts';
import { countFindings } from '../../../src/policy/count.ts';
import { type Coverage, type CoverageEntry, coverageOf } from '../../../src/policy/coverage.ts';
import type { ExploitedFacts } from '../../../src/policy/exploited.ts';
import type { LanguageCoverage } from '../../../src/policy/languages.ts';
import { mergeFindings } from '../../../src/policy/merge-findings.ts';
import { missingReader, requiredReasons } from '../../../src/policy/required.ts';
import { decideVerdict } from '../../../src/policy/verdict.ts';
import { applyWaivers } from '../../../src/policy/waivers.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { leftOut } from '../../support/left-out.ts';
import { policy as basePolicy, context, model, planned, tool } from '../../support/planner-rig.ts';

interface Made extends Partial<Omit<Finding, 'fingerprint' | 'rule' | 'accounts'>> {
  readonly tool: string;
  readonly print: string;
  readonly rule?: Rule;
}

/** One tool's finding, as `identify` gives it: one account that says the same as the finding. */
function found({ tool: name, print, rule = { id: 'R1' }, ...rest }: Made): Finding {
  const own = {
    fingerprint: fingerprint(print),
    rule,
    message: rest.message ?? `${name} says`,
    severity: rest.severity ?? 'medium',
    ...(rest.span === undefined ? {} : { span: rest.span }),
  };
  const account: Account = { ...own, stage: stageId(name), tool: toolId(name) };
  return {
    kind: 'code',
    category: 'sast',
    target: 'source',
    advisories: [],
    ...rest,
    ...own,
    accounts: [account],
  };
}

const at = (path: string, startLine: number, startColumn?: number) => ({
  path,
  startLine,
  ...(startColumn === undefined ? {} : { startColumn }),
});

function vulnerability(name: string, print: string, advisories: string[], over: Partial<Made> = {}): Finding {
  const pack = { name: 'lib', version: '1.0', purl: 'pkg:pypi/lib@1.0' };
  return found({
    tool: name,
    print,
    kind: 'vulnerability',
    category: 'sca',
    package: pack,
    advisories,
    ...over,
  });
}

const accountKey = (account: Account): string =>
  JSON.stringify([account.stage, account.rule.id, account.fingerprint]);
const stagesOf = (finding: Finding): string[] => finding.accounts.map((account) => account.stage);

describe('mergeFindings', () => {
  it('joins three tools on one secret line into one finding with three accounts', () => {
    const merged = mergeFindings(
      ['gitleaks', 'trufflehog', 'trivy'].map((name) =>
        found({ tool: name, print: `p-${name}`, kind: 'secret', category: 'secrets', span: at('.env', 3) }),
      ),
    );
    expect(merged).toHaveLength(1);
    expect(stagesOf(merged[0] as Finding)).toEqual(['gitleaks', 'trivy', 'trufflehog']);
  });

  it('keeps two secrets of one tool on one line two, and meets each with its own of another tool', () => {
    const secret = (name: string, column: number): Finding =>
      found({ tool: name, print: `${name}${column}`, kind: 'secret', span: at('.env', 3, column) });
    expect(mergeFindings([secret('gitleaks', 1), secret('gitleaks', 30)])).toHaveLength(2);
    const merged = mergeFindings([secret('b', 31), secret('a', 30), secret('b', 2), secret('a', 1)]);
    expect(merged.map((finding) => finding.accounts.map((account) => account.fingerprint))).toEqual([
      ['a1', 'b2'],
      ['a30', 'b31'],
    ]);
  });

  it('does not join secrets of other lines, files or targets', () => {
    const secret = (name: string, over: Partial<Made>): Finding =>
      found({ tool: name, print: name, kind: 'secret', span: at('.env', 3), ...over });
    expect(
      mergeFindings([
        secret('a', {}),
        secret('b', { span: at('.env', 4) }),
        secret('c', { span: at('other', 3) }),
        secret('d', { target: 'image' }),
      ]),
    ).toHaveLength(4);
  });

  it('joins advisories by alias, through a third tool too, but never over versions', () => {
    const joined = mergeFindings([
      vulnerability('a', '1', ['CVE-2024-1']),
      vulnerability('b', '2', ['GHSA-x', 'PYSEC-1']),
      vulnerability('c', '3', ['cve-2024-1', 'ghsa-X']),
      vulnerability('d', '4', ['PYSEC-1'], {
        package: { name: 'lib', version: '2.0', purl: 'pkg:pypi/lib@2.0' },
      }),
    ]);
    expect(joined.map(stagesOf)).toEqual([['a', 'b', 'c'], ['d']]);
    expect(joined[0]?.advisories).toEqual(expect.arrayContaining(['CVE-2024-1', 'GHSA-x', 'PYSEC-1']));
  });

  it('tells scoped packages apart, whether the scope is escaped or not', () => {
    const scoped = (name: string, print: string, purl: string): Finding =>
      vulnerability(name, print, ['CVE-1'], { package: { name: purl, version: '7.0', purl } });
    const merged = mergeFindings([
      scoped('a', '1', 'pkg:npm/@scope/one@7.0'),
      scoped('b', '2', 'pkg:npm/%40scope/one@7.0?arch=x#sub'),
      scoped('c', '3', 'pkg:npm/@scope/two@7.0'),
      scoped('d', '4', 'pkg:npm/%40scope/two'),
    ]);
    expect(merged.map(stagesOf).sort()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('joins code on one line by CWE and by the names that a rule has elsewhere', () => {
    const code = (name: string, rule: Rule, line = 7): Finding =>
      found({ tool: name, print: `${name}${rule.id}`, rule, span: at('a.py', line) });
    const merged = mergeFindings([
      code('bandit', { id: 'B602', cwe: ['CWE-78'] }),
      code('semgrep', { id: 'shell-true', cwe: ['CWE-78'] }),
      code('ruff', { id: 'S602', aka: ['B602'] }),
      code('other', { id: 'x', cwe: ['CWE-79'] }),
      code('semgrep', { id: 'shell-true', cwe: ['CWE-78'] }, 8),
    ]);
    expect(merged.map(stagesOf)).toEqual([['bandit', 'ruff', 'semgrep'], ['other'], ['semgrep']]);
  });

  it('never joins two findings of one stage through the wide finding of another', () => {
    const code = (name: string, rule: Rule): Finding =>
      found({ tool: name, print: `${name}${rule.id}`, rule, span: at('a.py', 7) });
    const merged = mergeFindings([
      code('bandit', { id: 'B602', cwe: ['CWE-78'] }),
      code('bandit', { id: 'B102', cwe: ['CWE-94'] }),
      code('semgrep', { id: 'wide', cwe: ['CWE-78', 'CWE-94'] }),
    ]);
    expect(merged).toHaveLength(2);
    for (const finding of merged) expect(new Set(stagesOf(finding)).size).toBe(finding.accounts.length);
  });

  const rules: Rule[] = [
    { id: 'R1', cwe: ['CWE-1'] },
    { id: 'R2', cwe: ['CWE-1', 'CWE-2'] },
    { id: 'R3', cwe: ['CWE-2'] },
    { id: 'R4', aka: ['R1'] },
    { id: 'R5' },
  ];
  const any = fc
    .uniqueArray(
      fc.record({
        tool: fc.constantFrom('a', 'b', 'c'),
        print: fc.stringMatching(/^[0-9a-f]{2}$/),
        kind: fc.constantFrom<FindingKind>('code', 'secret', 'vulnerability', 'misconfiguration', 'license'),
        rule: fc.constantFrom(...rules),
        severity: fc.constantFrom(...SEVERITIES),
        span: fc
          .record({ path: fc.constantFrom('x', 'y'), startLine: fc.nat(2), startColumn: fc.nat(3) })
          .map(({ path, startLine, startColumn }) => at(path, startLine + 1, startColumn + 1)),
        advisories: fc.subarray(['CVE-1', 'GHSA-1', 'CVE-2']),
        package: fc.constantFrom({ name: 'lib', version: '1' }, { name: 'lib', version: '2' }),
      }),
      // As `identify` has it: no two of one stage are alike.
      { maxLength: 30, selector: ({ tool: name, print }) => `${name} ${print}` },
    )
    .map((list) => list.map(found));

  it('loses no account and invents none, and rates each by its worst account', () => {
    fc.assert(
      fc.property(any, (findings) => {
        const merged = mergeFindings(findings);
        const keys = (list: readonly Finding[]): string[] =>
          list.flatMap((finding) => finding.accounts.map((account) => JSON.stringify(account))).sort();
        expect(keys(merged)).toEqual(keys(findings));
        for (const finding of merged) {
          const worst = finding.accounts.map((account) => account.severity).sort(compareSeverity)[0];
          expect(finding.severity).toBe(worst);
          if (finding.kind === 'vulnerability') continue;
          expect(new Set(stagesOf(finding)).size).toBe(finding.accounts.length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('gives the same whatever the order of its input', () => {
    const shuffled = any.chain((findings) =>
      fc.tuple(
        fc.constant(findings),
        fc.shuffledSubarray(findings, { minLength: findings.length, maxLength: findings.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([findings, other]) => {
        expect(JSON.stringify(mergeFindings(other))).toBe(JSON.stringify(mergeFindings(findings)));
      }),
      { numRuns: 400 },
    );
  });

  it('takes one account said twice for one', () => {
    const one = found({ tool: 'a', print: '1', span: at('x', 1) });
    const [merged] = mergeFindings([{ ...one, accounts: [...one.accounts, ...one.accounts] }]);
    expect(merged?.accounts.map(accountKey)).toEqual(one.accounts.map(accountKey));
  });
});

const NOON = Date.parse('2026-03-31T12:00:00Z');

function waiver(match: Record<string, string>, expires = '2026-12-31'): PlannedWaiver {
  return { match, reason: 'known', owner: 'sec', expires };
}

const waives = (match: Record<string, string>, finding: Finding): boolean =>
  applyWaivers([finding], [waiver(match)], NOON).waived.length === 1;

describe('applyWaivers', () => {
  const one = found({
    tool: 'bandit',
    print: 'f1',
    rule: { id: 'B602' },
    span: at('src/app/db.py', 4),
    advisories: ['CVE-2024-1'],
    package: { name: 'lib', purl: 'pkg:pypi/lib@1.0' },
  });

  it('holds to the last millisecond of its day in UTC and not one longer', () => {
    const list = [waiver({ rule: 'B602' }, '2026-03-31')];
    const end = Date.parse('2026-04-01T00:00:00.000Z');
    expect(applyWaivers([one], list, end - 1)).toMatchObject({
      counted: [],
      waived: [{ finding: one }],
      expired: [],
    });
    expect(applyWaivers([one], list, end)).toEqual({
      counted: [one],
      waived: [],
      expired: list,
      unused: [],
      expiring: [],
    });
  });

  it('waives by path only what has all of its places there', () => {
    const both = { ...one, alsoAt: [at('src/app/api.py', 1)] };
    const outside = { ...one, alsoAt: [at('src/app/api.py', 1), at('lib/x.py', 1)] };
    expect([both, outside].map((finding) => waives({ path: 'src/**' }, finding))).toEqual([true, false]);
  });

  it('with a tool is about the accounts of that tool alone', () => {
    const account = (tool: string, severity: Severity, over: object = {}) => ({
      ...one.accounts[0],
      tool: toolId(tool),
      stage: stageId(tool),
      severity,
      ...over,
    });
    const [bandit, opengrep] = [account('bandit', 'high'), account('opengrep', 'low', { rule: { id: 'x' } })];
    const both = { ...one, severity: 'high', accounts: [bandit, opengrep] } as Finding;
    const ofBandit = waiver({ tool: 'bandit', rule: 'B602' });
    expect(applyWaivers([both], [ofBandit], NOON)).toMatchObject({
      counted: [{ severity: 'low', accounts: [opengrep] }],
      waived: [{ finding: both, partly: true }],
      unused: [],
    });
    // Bandit's rule does not waive what another tool calls otherwise.
    expect(applyWaivers([both], [waiver({ tool: 'opengrep', rule: 'B602' })], NOON).counted).toEqual([both]);
    const all = applyWaivers([both], [ofBandit, waiver({ tool: 'opengrep' })], NOON);
    expect([all.counted, all.waived.map(({ partly }) => partly)]).toEqual([[], [false, false]]);
    expect(applyWaivers([both], [waiver({ rule: 'B602' })], NOON).counted).toEqual([]);
  });

  it('knows whether there is a fix', () => {
    const vulnerable = (fixedVersion?: string) =>
      ({
        ...one,
        kind: 'vulnerability',
        package: { name: 'lib', ...(fixedVersion && { fixedVersion }) },
      }) as Finding;
    expect(waives({ fixable: 'false' }, vulnerable())).toBe(true);
    expect(waives({ fixable: 'false' }, vulnerable('1.1'))).toBe(false);
    expect(waives({ fixable: 'true' }, vulnerable('1.1'))).toBe(true);
    expect([waives({ fixable: 'false' }, one), waives({ fixable: 'true' }, one)]).toEqual([false, false]);
  });

  it('knows what lists say of a CVE, and nothing where they are silent', () => {
    const list = (kind: 'kev' | 'epss') => ({ kind, path: kind, digest: digestOf(kind), version: null });
    const facts = (
      lists: readonly ('kev' | 'epss')[],
      entry: ExploitedFacts['entries'][string] | undefined,
    ) => ({
      lists: lists.map(list),
      entries: entry === undefined ? {} : { 'CVE-2024-1111': entry },
    });
    const cve = { ...one, advisories: ['CVE-2024-1111'] };
    const says = (match: Record<string, string>, known: ExploitedFacts | null, finding: Finding = cve) =>
      applyWaivers([finding], [waiver(match)], NOON, known).counted.length === 0;
    const listed = facts(['kev', 'epss'], { kevAdded: '2024-01-01', epss: 0.2 });
    expect(says({ kev: 'true' }, listed)).toBe(true);
    expect(says({ kev: 'false' }, listed)).toBe(false);
    expect(says({ kev: 'false' }, facts(['kev'], undefined))).toBe(true);
    expect(says({ kev: 'false' }, facts(['epss'], { epss: 0.1 }))).toBe(false);
    expect(says({ kev: 'false' }, facts(['kev'], undefined), { ...one, advisories: ['GHSA-x'] })).toBe(false);
    expect(says({ epssBelow: '0.3' }, listed)).toBe(true);
    expect(says({ epssBelow: '0.2' }, listed)).toBe(false);
    expect(says({ epssBelow: '0.3' }, facts(['epss'], undefined))).toBe(false);
    expect(says({ epssBelow: '1' }, null)).toBe(false);
  });

  it('does not hold when its day is no day', () => {
    expect(applyWaivers([one], [waiver({ rule: 'B602' }, 'never')], NOON).counted).toEqual([one]);
  });

  it('lets the next waiver take over from an expired one and names the unused', () => {
    const list = [
      waiver({ rule: 'B602' }, '2020-01-01'),
      waiver({ tool: 'bandit' }),
      waiver({ rule: 'B999' }),
    ];
    const result = applyWaivers([one], list, NOON);
    expect(result.waived).toEqual([{ finding: one, waiver: list[1], partly: false }]);
    expect(result.expired).toEqual([list[0]]);
    expect(result.unused).toEqual([list[2]]);
  });

  it.each<Record<string, string>>([
    { rule: 'B602' },
    { tool: 'bandit' },
    { fingerprint: 'f1' },
    { path: 'src/app/db.py' },
    { path: 'src/app' },
    { path: 'src/app/' },
    { package: 'lib' },
    { package: 'pkg:pypi/lib@1.0' },
    { cve: 'cve-2024-1' },
    { advisory: 'CVE-2024-1' },
    { category: 'sast' },
    { target: 'source' },
    { rule: 'B602', path: '**/*.py', tool: 'bandit' },
  ])('waives by %j', (match) => {
    expect(waives(match, one)).toBe(true);
  });

  it.each<Record<string, string>>([
    {},
    { rules: 'B602' },
    { Rule: 'B602' },
    { rule: 'B602', because: 'typo' },
    { rule: 'B602', path: 'tests' },
    { rule: 'B60*' },
    { rule: '' },
    { path: '' },
    { path: '/' },
    { path: 'src/ap' },
    { cve: '' },
    { package: '' },
    { constructor: 'B602' },
  ])('does not waive by %j', (match) => {
    expect(waives(match, one)).toBe(false);
  });

  it('does not waive by path what has no path', () => {
    const { span: _, ...placeless } = one;
    expect(waives({ path: '**' }, placeless)).toBe(false);
  });

  it.each([
    ['**', 'a/b/c.py', true],
    ['*', 'c.py', true],
    ['*', 'a/c.py', false],
    ['**/*.py', 'c.py', true],
    ['**/*.py', 'a/b/c.py', true],
    ['**/*.py', 'a/b/c.pyc', false],
    ['src/**/test_*.py', 'src/test_a.py', true],
    ['src/**/test_*.py', 'src/a/b/test_a.py', true],
    ['src/**/test_*.py', 'lib/test_a.py', false],
    ['src/*', 'src/a/b', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*.min.*', 'x.min.js', true],
    ['a/**/b/**/c', 'a/b/b/x/c', true],
    ['a/**/b/**/c', 'a/x/c', false],
    ['a.*', 'aXb', false],
  ])('path %s against %s: %s', (pattern, path, matches) => {
    expect(waives({ path: pattern }, { ...one, span: at(path, 1) })).toBe(matches);
  });

  it('agrees with a naive matcher', () => {
    const naive = (pattern: string[], path: string[]): boolean => {
      const [head, ...rest] = pattern;
      if (head === undefined) return path.length === 0;
      if (head === '**') return naive(rest, path) || (path.length > 0 && naive(pattern, path.slice(1)));
      const regex = new RegExp(`^${head.replaceAll('*', '.*')}$`);
      return path.length > 0 && regex.test(path[0] ?? '') && naive(rest, path.slice(1));
    };
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 4 });
    const segment = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 5 }),
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        (pattern, path) => {
          const text = pattern.join('/');
          fc.pre(text.includes('*') && pattern.every((item) => item === '**' || !item.includes('**')));
          expect(waives({ path: text }, { ...one, span: at(path.join('/'), 1) })).toBe(naive(pattern, path));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stays fast on patterns made to make matchers slow', () => {
    const began = performance.now();
    const deep = { ...one, span: at(`${'a/'.repeat(400)}b`, 1) };
    expect(waives({ path: `${'**/'.repeat(400)}c` }, deep)).toBe(false);
    const long = { ...one, span: at('a'.repeat(20_000), 1) };
    expect(waives({ path: `${'a*'.repeat(2000)}b` }, long)).toBe(false);
    // A backtracking matcher takes longer than the universe; this takes some milliseconds.
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

function budgets(over: Partial<Budgets>): Budgets {
  return { origin: 'test', overall: {}, perTool: {}, perCategory: {}, perTarget: {}, ...over };
}

describe('holdBudgets and countFindings', () => {
  const list = [
    found({ tool: 'a', print: '1', severity: 'high' }),
    found({ tool: 'a', print: '2', severity: 'high', category: 'secrets', target: 'image' }),
    found({ tool: 'b', print: '3', severity: 'low' }),
  ];
  const counts = { all: countFindings(list), fresh: countFindings([]), exploited: 0 };
  const exceeded = (over: Partial<Budgets>): string[] =>
    holdBudgets(budgets(over), counts).flatMap((line) =>
      line.exceeded ? [`${line.scope} ${line.severity} ${line.count}/${line.limit}`] : [],
    );

  it('holds a limit up to and including its number; 0 lets nothing through', () => {
    expect(exceeded({ overall: { high: 2, low: 1, critical: 0 } })).toEqual([]);
    expect(exceeded({ overall: { high: 1, low: 0, critical: 0 } })).toEqual([
      'overall high 2/1',
      'overall low 1/0',
    ]);
  });

  it('leaves a severity that no limit names unlimited', () => {
    expect(holdBudgets(budgets({ overall: { critical: 0 } }), counts)).toEqual([
      { scope: 'overall', severity: 'critical', limit: 0, count: 0, exceeded: false },
    ]);
    expect(holdBudgets(budgets({}), counts)).toEqual([]);
  });

  it('holds tools, categories and targets by their own counts; what has none counts 0', () => {
    const limits = { high: 0, low: 0 };
    expect(exceeded({ perTool: { b: limits, a: limits, constructor: limits } })).toEqual([
      'tool a high 2/0',
      'tool b low 1/0',
    ]);
    expect(exceeded({ perCategory: { secrets: limits, iac: limits } })).toEqual([
      'category secrets high 1/0',
    ]);
    expect(exceeded({ perTarget: { image: limits, none: limits } })).toEqual(['target image high 1/0']);
  });

  it('counts a merged finding once overall and once for each tool, by that tool’s severity', () => {
    const span = at('.env', 1);
    const merged = mergeFindings([
      found({ tool: 'a', print: '1', kind: 'secret', span, severity: 'low' }),
      found({ tool: 'b', print: '2', kind: 'secret', span, severity: 'critical' }),
    ]);
    const { overall, perTool } = countFindings(merged);
    expect(overall).toEqual({ critical: 1, high: 0, medium: 0, low: 0, info: 0 });
    expect(perTool.a).toEqual({ critical: 0, high: 0, medium: 0, low: 1, info: 0 });
    expect(perTool.b).toEqual({ critical: 1, high: 0, medium: 0, low: 0, info: 0 });
  });

  it('counts a tool that says one thing under two names once, at its worst', () => {
    const merged = mergeFindings([
      vulnerability('a', '1', ['CVE-1'], { severity: 'low' }),
      vulnerability('a', '2', ['GHSA-1'], { severity: 'high' }),
      vulnerability('b', '3', ['CVE-1', 'GHSA-1']),
    ]);
    expect(merged).toHaveLength(1);
    expect(countFindings(merged).perTool.a).toEqual({ critical: 0, high: 1, medium: 0, low: 0, info: 0 });
  });
});

function entry(id: string, state: StageState, reason: FailureReason | null = null): CoverageEntry {
  return { id, tool: id, category: 'sast', state, detail: '', reason, findings: 0 };
}

function coverage(entries: readonly CoverageEntry[], requiredMissing: readonly string[] = []): Coverage {
  return {
    entries,
    notChecked: [],
    notes: [],
    workspace: { files: 1, leftOut: {}, examples: [] },
    requiredMissing,
  };
}

function policy(over: Partial<PlannedPolicy> = {}): PlannedPolicy {
  return {
    ...basePolicy,
    budgets: budgets({ overall: { high: 0 } }),
    slaMs: 1000,
    enforceSla: false,
    ...over,
  };
}

describe('decideVerdict', () => {
  const bad = found({ tool: 'a', print: '1', severity: 'high' });
  const done = entry('a', 'done');
  const broken = entry('b', 'incomplete', 'timeout');
  const engine = entry('c', 'incomplete', 'engine');
  const disk = entry('d', 'incomplete', 'disk-full');

  interface Row {
    readonly of: string;
    readonly entries: readonly CoverageEntry[];
    readonly missing?: readonly string[];
    readonly findings?: readonly Finding[];
    readonly over?: Partial<PlannedPolicy>;
    readonly elapsedMs?: number | null;
    readonly outcome: 'pass' | 'fail' | 'incomplete';
    readonly code: number;
  }
  const warn = { onIncomplete: 'warn' } as const;
  const enforced = { enforceSla: true } as const;
  const rows: readonly Row[] = [
    { of: 'all done, nothing over', entries: [done], outcome: 'pass', code: 0 },
    { of: 'over a budget', entries: [done], findings: [bad], outcome: 'fail', code: 1 },
    { of: 'over and incomplete', entries: [done, broken], findings: [bad], outcome: 'fail', code: 1 },
    { of: 'over and the machine', entries: [done, engine], findings: [bad], outcome: 'fail', code: 1 },
    { of: 'over, warn', entries: [done, broken], findings: [bad], over: warn, outcome: 'fail', code: 1 },
    {
      of: 'over, late',
      entries: [done],
      findings: [bad],
      over: enforced,
      elapsedMs: 2000,
      outcome: 'fail',
      code: 1,
    },
    { of: 'incomplete', entries: [done, broken], outcome: 'incomplete', code: 4 },
    { of: 'incomplete, warn', entries: [done, broken], over: warn, outcome: 'incomplete', code: 0 },
    { of: 'the machine', entries: [done, engine], outcome: 'incomplete', code: 3 },
    { of: 'the machine twice', entries: [engine, disk], outcome: 'incomplete', code: 3 },
    { of: 'the machine, warn', entries: [done, engine], over: warn, outcome: 'incomplete', code: 0 },
    { of: 'the machine and a scanner', entries: [done, engine, broken], outcome: 'incomplete', code: 4 },
    { of: 'no stage', entries: [], outcome: 'incomplete', code: 4 },
    { of: 'no stage, warn', entries: [], over: warn, outcome: 'incomplete', code: 0 },
    { of: 'none done, all skipped', entries: [entry('a', 'skipped')], outcome: 'incomplete', code: 4 },
    {
      of: 'none done, nothing to do',
      entries: [entry('a', 'not-applicable')],
      outcome: 'incomplete',
      code: 4,
    },
    { of: 'none done, excluded', entries: [entry('a', 'excluded')], outcome: 'incomplete', code: 4 },
    { of: 'none done, disabled', entries: [entry('a', 'disabled')], outcome: 'incomplete', code: 4 },
    {
      of: 'done and states that count as nothing',
      entries: [done, entry('x', 'not-applicable'), entry('y', 'excluded'), entry('z', 'disabled')],
      outcome: 'pass',
      code: 0,
    },
    {
      of: 'a required name without result',
      entries: [done],
      missing: ['iac'],
      outcome: 'incomplete',
      code: 4,
    },
    { of: 'the same, warn', entries: [done], missing: ['iac'], over: warn, outcome: 'incomplete', code: 0 },
    {
      of: 'the machine, and a name besides',
      entries: [done, engine],
      missing: ['iac'],
      outcome: 'incomplete',
      code: 4,
    },
    {
      of: 'the machine under the name',
      entries: [done, engine],
      missing: ['c'],
      outcome: 'incomplete',
      code: 3,
    },
    {
      of: 'the machine under the category',
      entries: [done, engine],
      missing: ['sast'],
      outcome: 'incomplete',
      code: 3,
    },
    {
      of: 'the machine and a skipped stage under the category',
      entries: [done, engine, entry('s', 'skipped')],
      missing: ['sast'],
      outcome: 'incomplete',
      code: 4,
    },
    { of: 'late, not enforced', entries: [done], elapsedMs: 2000, outcome: 'pass', code: 0 },
    { of: 'late', entries: [done], over: enforced, elapsedMs: 1001, outcome: 'pass', code: 7 },
    { of: 'just in time', entries: [done], over: enforced, elapsedMs: 1000, outcome: 'pass', code: 0 },
    { of: 'gating again', entries: [done], over: enforced, elapsedMs: null, outcome: 'pass', code: 0 },
    {
      of: 'no time budget',
      entries: [done],
      over: { ...enforced, slaMs: null },
      elapsedMs: 1e9,
      outcome: 'pass',
      code: 0,
    },
    {
      of: 'late and incomplete',
      entries: [broken],
      over: enforced,
      elapsedMs: 2000,
      outcome: 'incomplete',
      code: 4,
    },
    {
      of: 'late and the machine',
      entries: [engine],
      over: enforced,
      elapsedMs: 2000,
      outcome: 'incomplete',
      code: 3,
    },
    {
      of: 'late and incomplete, warn',
      entries: [done, broken],
      over: { ...warn, ...enforced },
      elapsedMs: 2000,
      outcome: 'incomplete',
      code: 7,
    },
  ];

  it.each(rows)('$of: $outcome, exit $code', (row) => {
    const verdict = decideVerdict({
      policy: policy(row.over),
      coverage: coverage(row.entries, row.missing),
      findings: row.findings ?? [],
      at: NOON,
      elapsedMs: row.elapsedMs === undefined ? 10 : row.elapsedMs,
    });
    expect({ outcome: verdict.outcome, code: verdict.exitCode }).toEqual({
      outcome: row.outcome,
      code: row.code,
    });
    expect(verdict.incomplete).toEqual(
      row.entries.filter(({ state }) => state === 'incomplete').map(({ id }) => id),
    );
    expect(verdict.partial).toBe(row.entries.some(({ state }) => state === 'skipped'));
  });

  it('is incomplete for a file that a scanner did not examine, unless the policy lets it pass', () => {
    const blind = (silent: number) => ({
      ...coverage([done]),
      unexamined: { files: 3, counted: 2, silent, first: [] },
    });
    const input = { findings: [], at: NOON, elapsedMs: 1 };
    const strict = decideVerdict({ ...input, policy: policy(), coverage: blind(0) });
    expect(strict).toMatchObject({ outcome: 'incomplete', exitCode: 4, unexamined: 2, incomplete: [] });
    const over = { unexamined: 'warn' } as const;
    expect(decideVerdict({ ...input, policy: policy(over), coverage: blind(0) }).outcome).toBe('pass');
    const silent = decideVerdict({ ...input, policy: policy(over), coverage: blind(1) });
    expect(silent, 'a file without a reason').toMatchObject({ outcome: 'incomplete', unexamined: 1 });
  });

  it('passes where nothing but files without text was left out', () => {
    const unexamined = { files: 3, counted: 0, silent: 0, first: [] };
    const input = { policy: policy(), findings: [], at: NOON, elapsedMs: 1 };
    const verdict = decideVerdict({ ...input, coverage: { ...coverage([done]), unexamined } });
    expect(verdict.outcome).toBe('pass');
    expect(verdict).not.toHaveProperty('unexamined');
  });

  it('is partial, though it passes, when a stage was skipped', () => {
    const input = { policy: policy(), findings: [], at: NOON, elapsedMs: 1 };
    const verdict = decideVerdict({ ...input, coverage: coverage([done, entry('b', 'skipped')]) });
    expect(verdict).toMatchObject({ outcome: 'pass', exitCode: 0, partial: true });
  });

  it('counts no waived finding, and lists what each waiver waived', () => {
    const over = {
      waivers: [waiver({ rule: 'R1' }), waiver({ rule: 'R1' }, '2020-01-01'), waiver({ rule: 'R9' })],
    };
    const verdict = decideVerdict({
      policy: policy(over),
      coverage: coverage([done]),
      findings: [found({ tool: 'b', print: '2', severity: 'high' }), bad],
      at: NOON,
      elapsedMs: 1,
    });
    expect(verdict).toMatchObject({ outcome: 'pass', counts: { overall: { high: 0 } } });
    expect(verdict.waivers).toEqual({
      used: [{ ...over.waivers[0], findings: ['1', '2'] }],
      expired: [over.waivers[1]],
      unused: [over.waivers[2]],
    });
  });

  it('fails on an expired waiver’s finding', () => {
    const verdict = decideVerdict({
      policy: policy({ waivers: [waiver({ rule: 'R1' }, '2026-03-30')] }),
      coverage: coverage([done]),
      findings: [bad],
      at: NOON,
      elapsedMs: 1,
    });
    expect(verdict).toMatchObject({ outcome: 'fail', exitCode: 1 });
  });
});

describe('coverageOf', () => {
  const scanners = [fakeScanner('one'), fakeScanner('two', { category: 'secrets' })];
  const plan = (coverageRequire: string[]) =>
    planned(
      model([tool('one'), tool('two')], {
        policy: { ...basePolicy, coverageRequire },
        notPlanned: [leftOut('gone', 'disabled', { kind: 'disabled-by-profile', profile: 'light' })],
      }),
      context(scanners),
    );
  const timings = {
    queue: 0,
    hash: 0,
    provision: 0,
    sandbox: 0,
    tool: 0,
    parse: 0,
    write: 0,
    startedAt: 0,
    endedAt: 1,
  };
  const zero = digestOfHex('0'.repeat(64));
  const toolUsed = {
    name: 'one',
    version: '1',
    digest: zero,
    provider: 'pypi',
    pinned: true,
    thirdParty: null,
  };
  const results: readonly StageResult[] = [
    {
      state: 'incomplete',
      stage: stageId('two'),
      tool: toolId('two'),
      category: 'secrets',
      target: 'source',
      notChecked: [],
      failure: { reason: 'timeout', limitMs: 5000 },
      toolUsed: null,
      artifacts: [],
      timings,
    },
    {
      state: 'done',
      stage: stageId('one'),
      tool: toolId('one'),
      category: 'sast',
      target: 'source',
      notChecked: [withText({ kind: 'by-option', what: 'tests' })],
      findings: [found({ tool: 'one', print: '1' })],
      examined: { count: 1, unit: 'files', evidence: 'its own log' },
      filesGiven: 1,
      unexamined: [],
      notes: [
        { kind: 'about-file', message: 'cannot parse', path: 'a.py' },
        { kind: 'of-tool', message: 'slow' },
        { kind: 'host-refused', host: 'x.example:443' },
      ],
      artifacts: [],
      toolUsed,
      cached: false,
      key: zero,
      timings,
      notEnforced: [],
    },
  ];
  const workspace = { files: 2, leftOut: { fifo: 1 }, examples: ['pipe'] };

  it('lists stages and tools left out, with what was looked at or why not', () => {
    const { entries, notChecked, notes } = coverageOf(plan([]), results, workspace, {
      targetsWithoutStage: ['image api'],
    });
    expect(
      entries.map(({ id, state, detail, reason, findings }) => [id, state, detail, reason, findings]),
    ).toEqual([
      ['gone', 'disabled', 'disabled by profile light', null, 0],
      ['one', 'done', '1 file (its own log)', null, 1],
      ['two', 'incomplete', 'killed after 5 s', 'timeout', 0],
    ]);
    expect(notChecked).toEqual([
      { kind: 'by-option', what: 'tests', stage: 'one', text: 'one: tests' },
      {
        kind: 'no-scanner',
        target: 'image api',
        stage: null,
        text: 'image api: no scanner in this plan reads it',
      },
    ]);
    expect(notes).toEqual([
      {
        kind: 'about-file',
        path: 'a.py',
        message: 'cannot parse',
        stage: 'one',
        text: 'one: a.py: cannot parse',
      },
      { kind: 'of-tool', message: 'slow', stage: 'one', text: 'one: slow' },
      {
        kind: 'host-refused',
        host: 'x.example:443',
        stage: 'one',
        text: 'one: network: x.example:443 is not an allowed host',
      },
    ]);
    expect(entries[0]?.notRun).toEqual({ kind: 'disabled-by-profile', profile: 'light' });
  });

  it('misses what is required and incomplete, left out or unknown, and nothing else', () => {
    const required = ['gone', 'iac', 'one', 'sast', 'secrets', 'two'];
    expect(coverageOf(plan(required), results, workspace).requiredMissing).toEqual([
      'gone',
      'iac',
      'secrets',
      'two',
    ]);
  });

  const ruby: LanguageCoverage = {
    ...{ language: 'Ruby', category: 'sast', files: 3, read: 0, excluded: 0, state: 'not-read' },
    ...{ readIn: [], tools: [], text: '', readers: [{ tool: 'brakeman', category: 'sast' }] },
  };

  it.each<[string, Partial<LanguageCoverage>, readonly string[]]>([
    ['some scanner can read', {}, ['sast']],
    ['was read', { state: 'read', read: 3, readIn: ['sast'] }, []],
    ['was read in part', { state: 'partly-read', read: 1, readIn: ['sast'] }, []],
    ['is excluded', { state: 'excluded', excluded: 3, readers: [] }, []],
    ['no scanner can read', { readers: [] }, []],
    [
      'a scanner would read if it applied',
      { readers: [{ tool: 'x', category: 'sast', appliesIf: ['a'] }] },
      [],
    ],
    ['belongs to another category', { category: 'iac' }, []],
    ['its scanners did not finish with', { state: 'not-finished', readers: [] }, ['sast']],
    ['was read in another category only', { state: 'read', read: 3, readIn: ['iac'] }, ['sast']],
  ])('a category with a language that %s', (_, change, missing) => {
    const languages = [{ ...ruby, ...change }];
    expect(coverageOf(plan(['sast']), results, workspace, { languages }).requiredMissing).toEqual(missing);
  });

  it('is not left uncovered by a scanner that does not apply, and is by a bill of materials or a database alone', () => {
    const kinds = [
      fakeScanner('one', { category: 'sca' }),
      fakeScanner('two', { category: 'sca' }),
      fakeScanner('bill', { kind: 'sbom', category: 'sca' }),
    ];
    const of = planned(
      model([tool('one'), tool('two'), tool('bill')], {
        policy: { ...basePolicy, coverageRequire: ['sca'] },
      }),
      context(kinds),
    );
    const [, done] = results;
    if (done?.state !== 'done') throw new Error('not done');
    const state = (id: string, over: object): StageResult =>
      ({ ...done, stage: stageId(id), tool: toolId(id), category: 'sca', ...over }) as StageResult;
    const idle = { state: 'not-applicable', why: { kind: 'no-packages' } };
    const missing = (one: object) =>
      coverageOf(of, [state('one', one), state('two', idle), state('bill', {})], workspace).requiredMissing;
    expect(missing({})).toEqual([]);
    expect(missing(idle)).toEqual(['sca']);
  });

  it('covers each category that a scanner looks for, and only those', () => {
    const all = fakeScanner('one', {
      category: 'sca',
      optionDefaults: { scanners: ['secret'] },
      looksFor: [
        { category: 'sca', when: { option: 'scanners', is: 'vuln' } },
        { category: 'secrets', when: { option: 'scanners', is: 'secret' } },
      ],
    });
    const coverageRequire = ['sca', 'secrets'];
    const of = planned(model([tool('one')], { policy: { ...basePolicy, coverageRequire } }), context([all]));
    const done = { ...results[1], category: 'sca' } as StageResult;
    const { requiredMissing, entries } = coverageOf(of, [done], workspace);
    expect(requiredMissing).toEqual(['sca']);
    expect(entries[0]).toMatchObject({ category: 'sca', covers: ['secrets'] });
  });

  it('asks for languages by name, and says what is missing and what would read it', () => {
    const asked = plan([]);
    const of = { ...asked, policy: { ...asked.policy, coverageLanguages: ['PHP', 'Python', 'Ruby'] } };
    const python: LanguageCoverage = {
      ...ruby,
      language: 'Python',
      state: 'read',
      read: 3,
      readIn: ['sast'],
    };
    const coverage = coverageOf(of, results, workspace, { languages: [ruby, python] });
    expect(coverage.requiredMissing).toEqual(['PHP', 'Ruby']);
    expect(requiredReasons(coverage)).toEqual([
      'PHP is required, but the workspace has no PHP file',
      'Ruby is required, but no scanner read 3 Ruby files',
    ]);
    expect(missingReader(coverage)).toEqual({
      language: 'Ruby',
      reader: { tool: 'brakeman', category: 'sast' },
    });
    const category = { requiredMissing: ['sast', 'dast'], languages: [ruby] };
    expect(requiredReasons(category)).toEqual([
      'sast is required, but no scanner of it read 3 Ruby files',
      'dast is required, but no scanner covered it',
    ]);
  });
});
