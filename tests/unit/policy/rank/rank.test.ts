import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CATEGORIES } from '../../../../src/core/category.ts';
import type { Finding } from '../../../../src/core/finding.ts';
import { SEVERITIES } from '../../../../src/core/severity.ts';
import { exposureOf } from '../../../../src/policy/rank/exposure.ts';
import { firstToFix } from '../../../../src/policy/rank/first-to-fix.ts';
import { byRisk, riskOf } from '../../../../src/policy/rank/risk.ts';
import { madeFinding } from '../../../support/made-finding.ts';

const NONE = { exploited: new Set<string>() };

test.each([
  ['src/app.py', 'product'],
  ['contest/entry.py', 'product'],
  ['latest.js', 'product'],
  ['tests/app.py', 'test'],
  ['pkg/app_test.go', 'test'],
  ['src/app.spec.ts', 'test'],
  ['src/test_app.py', 'test'],
  ['src/main/AppTest.java', 'test'],
  ['examples/shop/app.py', 'example'],
  ['.env.example', 'example'],
  ['docs/conf.py', 'documentation'],
  ['README.md', 'documentation'],
  ['vendor/lib/tests/app.go', 'vendored'],
  ['static/jquery.min.js', 'generated'],
  ['api/user_pb2.py', 'generated'],
] as const)('%s is %s', (path, exposure) => {
  expect(exposureOf(path)).toBe(exposure);
});

describe('risk', () => {
  const at = (path: string) => ({ path, startLine: 1 });

  it('names every factor, and is their product', () => {
    const { score, factors } = riskOf(
      madeFinding({
        print: 'a',
        tools: ['grype', 'trivy-fs'],
        severity: 'high',
        span: at('examples/package-lock.json'),
        package: { name: 'lib', fixedVersion: '2' },
      }),
      { exploited: new Set(['a'.padEnd(64, '0')]) },
    );
    expect(factors.map(({ kind }) => kind)).toEqual([
      ...['severity', 'exposure', 'exploited', 'agreement', 'fix-available'],
    ]);
    expect(score).toBeCloseTo(factors.reduce((product, { weight }) => product * weight, 1));
  });

  it('puts a medium flaw of the product above a high one of a test, and a critical one of a test above both', () => {
    const list = [
      madeFinding({ print: 'a', severity: 'high', span: at('tests/a.py') }),
      madeFinding({ print: 'b', severity: 'medium', span: at('src/b.py') }),
      madeFinding({ print: 'c', severity: 'critical', span: at('tests/c.py') }),
    ];
    expect(byRisk(list, NONE).map(({ fingerprint }) => fingerprint[0])).toEqual(['c', 'b', 'a']);
  });
});

describe('what to fix first', () => {
  const flaw = (index: number, over: Partial<Finding> = {}): Finding =>
    madeFinding({
      print: index.toString(16),
      rule: { id: `R${index}` },
      span: { path: `src/${index}.py`, startLine: 1 },
      severity: 'high',
      ...over,
    });

  it('is one row a rule, with its number of places', () => {
    const many = Array.from({ length: 7 }, (_, index) => flaw(index, { rule: { id: 'unpinned-uses' } }));
    const { first, groups } = firstToFix([...many, flaw(8, { severity: 'critical' })], NONE, 10);
    expect(groups).toBe(2);
    expect(first.map(({ finding, places }) => [finding.rule.id, places])).toEqual([
      ['R8', 1],
      ['unpinned-uses', 7],
    ]);
  });

  it('is one row a package, with the version that fixes all its advisories, or none where one has no fix', () => {
    const advisory = (index: number, fixedVersion?: string): Finding =>
      flaw(index, {
        kind: 'vulnerability',
        category: 'sca',
        package: { name: 'lib', version: '1.0.0', ...(fixedVersion === undefined ? {} : { fixedVersion }) },
      });
    const fixed = firstToFix([advisory(1, '1.9.0'), advisory(2, '1.10.0'), advisory(3, '1.2.0')], NONE, 10);
    expect(fixed.first).toMatchObject([{ places: 3, fixedVersion: '1.10.0' }]);
    const [open] = firstToFix([advisory(1, '1.9.0'), advisory(2)], NONE, 10).first;
    expect(open?.fixedVersion).toBeUndefined();
  });

  it('spreads over files and categories while others of comparable risk are left', () => {
    const pins = Array.from({ length: 12 }, (_, index) =>
      flaw(index, {
        category: 'supply-chain',
        span: { path: '.github/workflows/ci.yml', startLine: index + 1 },
      }),
    );
    const injections = Array.from({ length: 6 }, (_, index) => flaw(20 + index));
    const { first } = firstToFix([...pins, ...injections], NONE, 10);
    expect(first.slice(0, 6).filter(({ finding }) => finding.category === 'sast')).toHaveLength(4);
    // More of a file only where nothing else is left.
    const alone = firstToFix(pins, NONE, 10);
    expect(alone.first).toHaveLength(10);
  });

  it('never displaces a much higher risk, loses no row and depends on no order of equal findings', () => {
    const finding = fc.record({
      severity: fc.constantFrom(...SEVERITIES),
      category: fc.constantFrom(...CATEGORIES),
      path: fc.constantFrom('src/a.py', 'src/b.py', 'tests/c.py', 'docs/d.md'),
      rule: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 60 }), (made) => {
        const list = made.map(({ path, rule, ...rest }, index) =>
          flaw(index, { ...rest, span: { path, startLine: index + 1 }, rule: { id: `R${rule}` } }),
        );
        const { first, groups } = firstToFix(list, NONE, 10);
        expect(first).toHaveLength(Math.min(10, groups));
        expect(new Set(first.map(({ finding: { rule } }) => rule.id)).size).toBe(first.length);
        const all = firstToFix(list, NONE, Number.POSITIVE_INFINITY).first;
        expect(all.reduce((sum, { places }) => sum + places, 0)).toBe(list.length);
        const shown = new Set(first.map(({ finding: { rule } }) => rule.id));
        const lowest = Math.min(...first.map(({ risk }) => risk.score));
        const left = all.filter(({ finding: { rule } }) => !shown.has(rule.id));
        for (const { risk } of left) expect(risk.score * 0.5).toBeLessThanOrEqual(lowest);
      }),
    );
  });
});
