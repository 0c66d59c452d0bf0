import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import { mergeFindings } from '../../../src/policy/merge-findings.ts';

function found(stage: string, rule: string, line: number, changes: Partial<Finding> = {}): Finding {
  const own = {
    fingerprint: fingerprint(`${stage} ${rule} ${line}`),
    rule: { id: rule, cwe: ['CWE-78'] },
    message: `${rule} on line ${line}`,
    severity: 'medium' as const,
    span: { path: 'src/a.py', startLine: line },
  };
  const base = {
    kind: 'code',
    category: 'sast',
    target: 'source',
    advisories: [],
    ...own,
    ...changes,
  } as const;
  const { fingerprint: id, rule: of, message, severity, span } = base;
  const account = {
    fingerprint: id,
    stage: stageId(toolId(stage)),
    tool: toolId(stage),
    rule: of,
    message,
    severity,
  };
  return { ...base, accounts: [{ ...account, ...(span === undefined ? {} : { span }) }] };
}

/** The rules of all accounts, finding by finding. */
function accounts(findings: readonly Finding[]): string[][] {
  return mergeFindings(findings).map((finding) =>
    finding.accounts.map(({ stage, rule }) => `${stage}/${rule.id}`),
  );
}

describe('merging', () => {
  test('keeps the further places of every account, once', () => {
    const at = (path: string) => ({ path, startLine: 1 });
    const [one] = mergeFindings([
      found('bandit', 'B602', 7, { alsoAt: [at('src/b.py')] }),
      found('ruff', 'S602', 7, {
        alsoAt: [at('src/c.py'), at('src/b.py'), { path: 'src/a.py', startLine: 7 }],
      }),
    ]);
    expect(one?.accounts).toHaveLength(2);
    expect(one?.alsoAt).toEqual([at('src/b.py'), at('src/c.py')]);
  });

  test('joins two tools on one line with a check in common, and keeps both accounts', () => {
    expect(accounts([found('bandit', 'B602', 7), found('ruff', 'S602', 7)])).toEqual([
      ['bandit/B602', 'ruff/S602'],
    ]);
    expect(accounts([found('bandit', 'B602', 7), found('ruff', 'S602', 8)])).toHaveLength(2);
    const other = found('ruff', 'S101', 7, { rule: { id: 'S101', cwe: ['CWE-703'] } });
    expect(accounts([found('bandit', 'B602', 7), other])).toHaveLength(2);
  });

  test('never joins two of one stage: the n-th of one meets the n-th of another', () => {
    const twice = (stage: string) =>
      [1, 2].map((column) =>
        found(stage, 'X', 7, {
          fingerprint: fingerprint(`${stage} ${column}`),
          span: { path: 'src/a.py', startLine: 7, startColumn: column },
        }),
      );
    const merged = mergeFindings([...twice('bandit'), ...twice('ruff'), ...twice('opengrep')]);
    expect(merged.map((finding) => finding.accounts.map(({ span }) => span?.startColumn))).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(accounts([...twice('bandit'), found('ruff', 'X', 7)])).toEqual([
      ['bandit/X', 'ruff/X'],
      ['bandit/X'],
    ]);
  });

  test('takes no two keys for one, however their parts are cut', () => {
    const at = (path: string, rule: string) =>
      found(rule.length > 1 ? 'ruff' : 'bandit', rule, 1, {
        rule: { id: rule },
        span: { path, startLine: 1 },
      });
    expect(accounts([at('a', '1:b'), at('a:1', 'b')])).toHaveLength(2);
  });

  test('gives the same whatever the order of the input, and loses no account', () => {
    const one = fc
      .tuple(fc.constantFrom('bandit', 'ruff', 'opengrep'), fc.constantFrom('A', 'B'), fc.nat(2), fc.nat(3))
      .map(([stage, rule, line, cwe]) =>
        found(stage, rule, line + 1, { rule: { id: rule, cwe: [`CWE-${cwe}`] } }),
      );
    fc.assert(
      fc.property(
        fc
          .uniqueArray(one, { maxLength: 12, selector: ({ fingerprint: id }) => id })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
          ),
        ([list, shuffled]) => {
          const merged = mergeFindings(list);
          expect(mergeFindings(shuffled)).toEqual(merged);
          const kept = merged.flatMap((finding) => finding.accounts.map((account) => account.fingerprint));
          expect(kept.sort()).toEqual(list.map((finding) => finding.fingerprint).sort());
          for (const { accounts: each } of merged) {
            // Chains may join two of one stage through a third; directly it is never done.
            if (each.length === 2) expect(each[0]?.stage).not.toBe(each[1]?.stage);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  describe('vulnerabilities', () => {
    const vulnerable = (
      stage: string,
      advisories: readonly string[],
      affected: NonNullable<Finding['package']>,
    ): Finding => {
      const { span: _none, ...rest } = found(stage, advisories[0] ?? '', 1, {
        kind: 'vulnerability',
        advisories: [...advisories],
        fingerprint: fingerprint(`${stage} ${advisories.join()} ${affected.name}`),
      });
      return { ...rest, package: affected };
    };
    const purl = 'pkg:golang/golang.org/x/net@v0.1.0';

    test('of three tools under three names of one advisory are one, with three accounts', () => {
      const merged = mergeFindings([
        vulnerable('grype', ['GHSA-AAAA-BBBB-CCCC'], { name: 'golang.org/x/net', version: 'v0.1.0', purl }),
        vulnerable('osv-scanner', ['GO-2024-1', 'CVE-2024-1', 'GHSA-aaaa-bbbb-cccc'], {
          name: 'golang.org/x/net',
          version: '0.1.0',
        }),
        vulnerable('trivy-fs', ['CVE-2024-1'], {
          name: 'net',
          version: 'v0.1.0',
          purl: `${purl}?type=module`,
        }),
      ]);
      expect(merged).toHaveLength(1);
      expect(merged[0]?.accounts).toHaveLength(3);
      expect(merged[0]?.package?.purl).toBeDefined();
    });

    test('of another package, version or advisory stay apart', () => {
      const one = vulnerable('grype', ['CVE-2024-1'], { name: 'a', version: '1' });
      const others = [
        vulnerable('trivy-fs', ['CVE-2024-1'], { name: 'b', version: '1' }),
        vulnerable('trivy-fs', ['CVE-2024-1'], { name: 'a', version: '2' }),
        vulnerable('trivy-fs', ['CVE-2024-2'], { name: 'a', version: '1' }),
      ];
      for (const other of others) expect(mergeFindings([one, other])).toHaveLength(2);
    });
  });
});
