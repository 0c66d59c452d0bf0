import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ParsedFinding } from '../../../src/core/finding.ts';
import { stageId, toolId } from '../../../src/core/ids.ts';
import { identify } from '../../../src/executor/judge/identify.ts';
import { mergeFindings } from '../../../src/policy/merge-findings.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';

/** What a scanner's case `findings` parses to, as if it had looked at the source. */
function found(tool: string, edit = (finding: ParsedFinding): ParsedFinding => finding) {
  const path = new URL(`../../../src/stages/${tool}/cases/findings/result.golden.json`, import.meta.url);
  const { findings } = JSON.parse(readFileSync(path, 'utf8')) as { findings: ParsedFinding[] };
  const entry = catalogue.get(tool);
  if (entry === undefined) throw new Error(`no ${tool}`);
  const target = { kind: 'source', name: 'source', path: '.', details: {} } as const;
  const id = toolId(tool);
  const stage = { id: stageId(id), tool: id, category: 'sca', target, severityMap: {} } as const;
  return identify(stage, entry.severities, findings.map(edit), () => undefined);
}

function accountsOf(cve: string, ...lists: ReturnType<typeof found>[]): string[][] {
  return mergeFindings(lists.flat())
    .filter(({ advisories }) => advisories.includes(cve))
    .map(({ accounts }) => accounts.map(({ tool, rule }) => `${tool} ${rule.id}`));
}

test('one flaw of one package by three tools, under two names, is one finding with three accounts', () => {
  const lists = [found('grype'), found('trivy-image'), found('depscan')];
  expect(accountsOf('CVE-2020-14343', ...lists)).toEqual([
    ['depscan CVE-2020-14343', 'grype GHSA-8q59-q68h-6hv4', 'trivy-image CVE-2020-14343'],
  ]);
});

test('it bites: without the other name, or of another version, it is two findings', () => {
  const nameless = found('grype', (finding) => ({ ...finding, advisories: [finding.rule.id] }));
  expect(accountsOf('CVE-2020-14343', nameless, found('trivy-image'))).toEqual([
    ['trivy-image CVE-2020-14343'],
  ]);
  const newer = found('depscan', (finding) => ({
    ...finding,
    package: { name: 'pyyaml', version: '5.3.0', purl: 'pkg:pypi/pyyaml@5.3.0' },
  }));
  expect(accountsOf('CVE-2020-14343', found('grype'), newer)).toHaveLength(2);
});
