import { describe, expect, it } from 'vitest';
import type { PlannedLicenses } from '../../../src/compiler/model/model.ts';
import { stageId, toolId } from '../../../src/core/ids.ts';
import { auditLicenses, type ReadSbom } from '../../../src/evidence/audit-licenses.ts';
import { evaluateLicense } from '../../../src/policy/licenses/evaluate-license.ts';
import { licenseFindings } from '../../../src/policy/licenses/license-findings.ts';

const lists = (over: Partial<PlannedLicenses>): PlannedLicenses => ({ unknown: 'medium', ...over });
const ALLOW = lists({
  allow: ['MIT', 'Apache-2.0', 'LicenseRef-own', 'GPL-2.0-only WITH Classpath-exception-2.0'],
});
const DENY = lists({ deny: ['GPL-3.0-only', 'GPL-2.0-only', 'AGPL-3.0-or-later'] });

describe('evaluateLicense', () => {
  it.each([
    ['MIT', 'ok'],
    ['mit', 'unknown'],
    [' MIT ', 'ok'],
    ['BSD-3-Clause', 'not-allowed'],
    ['MIT OR BSD-3-Clause', 'ok'],
    ['BSD-3-Clause OR MIT', 'ok'],
    ['MIT AND BSD-3-Clause', 'not-allowed'],
    ['MIT AND Apache-2.0', 'ok'],
    ['(MIT AND BSD-3-Clause) OR Apache-2.0', 'ok'],
    ['MIT AND (BSD-3-Clause OR ISC)', 'not-allowed'],
    ['Apache-2.0 WITH LLVM-exception', 'ok'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'ok'],
    ['GPL-2.0-only', 'not-allowed'],
    ['LicenseRef-own', 'ok'],
    ['LicenseRef-other', 'not-allowed'],
    ['NOASSERTION', 'unknown'],
    ['NONE', 'unknown'],
    ['none', 'unknown'],
    ['', 'unknown'],
    ['Apache License 2.0', 'unknown'],
    ['MIT AND', 'unknown'],
    ['MIT OR Nonsense-1.0', 'unknown'],
    ['('.repeat(50), 'unknown'],
    [`MIT${' AND MIT'.repeat(50_000)}`, 'unknown'],
  ])('allowing a list, %j is %s', (expression, ruling) => {
    expect(evaluateLicense(expression, ALLOW).ruling).toBe(ruling);
  });

  it.each([
    ['MIT', 'ok'],
    ['GPL-3.0-only', 'denied'],
    ['GPL-3.0-only OR MIT', 'ok'],
    ['GPL-3.0-only AND MIT', 'denied'],
    ['GPL-3.0-only OR GPL-2.0-only', 'denied'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'denied'],
    ['AGPL-3.0-or-later', 'denied'],
    ['LicenseRef-own', 'ok'],
    ['NOASSERTION', 'unknown'],
  ])('denying a list, %j is %s', (expression, ruling) => {
    expect(evaluateLicense(expression, DENY).ruling).toBe(ruling);
  });

  it('denies what is denied and allowed by its plain name, but for an exception that is allowed in full', () => {
    const both = lists({ allow: ['GPL-2.0-only WITH Classpath-exception-2.0'], deny: ['GPL-2.0-only'] });
    expect(evaluateLicense('GPL-2.0-only WITH Classpath-exception-2.0', both).ruling).toBe('ok');
    expect(evaluateLicense('GPL-2.0-only WITH LLVM-exception', both).ruling).toBe('denied');
  });

  it('denies `+` with its licence, and allows it only by name', () => {
    expect(evaluateLicense('Apache-1.1+', lists({ deny: ['Apache-1.1'] })).ruling).toBe('denied');
    expect(evaluateLicense('Apache-1.1+', lists({ allow: ['Apache-1.1'] })).ruling).toBe('not-allowed');
    expect(evaluateLicense('Apache-1.1+', lists({ allow: ['Apache-1.1+'] })).ruling).toBe('ok');
  });

  it('names the licences that decided', () => {
    expect(evaluateLicense('GPL-3.0-only AND MIT AND GPL-2.0-only', DENY)).toEqual({
      ruling: 'denied',
      licenses: ['GPL-2.0-only', 'GPL-3.0-only'],
    });
  });
});

describe('licenseFindings', () => {
  const component = (name: string, ...licenses: string[]) => ({ name, purl: `pkg:npm/${name}@1`, licenses });

  it('has a rule for each ruling, one finding a package and rule', () => {
    const found = licenseFindings(
      [
        component('a', 'MIT'),
        component('b', 'GPL-3.0-only', 'GPL-2.0-only'),
        component('c'),
        component('b', 'GPL-3.0-only', 'GPL-2.0-only'),
      ],
      DENY,
    );
    expect(found.map(({ rule, package: pack, severity }) => [rule.id, pack?.name, severity])).toEqual([
      ['license-denied', 'b', 'high'],
      ['license-unreadable', 'c', 'medium'],
    ]);
    expect(found[0]?.message).toBe('b is licensed under GPL-2.0-only, GPL-3.0-only, which the policy denies');
  });

  it('rates unknown licences as the policy says, or leaves them', () => {
    expect(licenseFindings([component('c')], lists({ unknown: 'low' }))[0]?.severity).toBe('low');
    expect(licenseFindings([component('c')], lists({ unknown: 'ignore' }))).toEqual([]);
  });
});

describe('auditLicenses', () => {
  const bom = (license: string): string =>
    JSON.stringify({
      components: [
        {
          type: 'library',
          name: 'lib',
          version: '1',
          purl: 'pkg:npm/lib@1',
          licenses: [{ license: { id: license } }],
        },
        { type: 'file', name: 'x' },
      ],
    });
  const sbom = (over: Partial<ReadSbom> = {}): ReadSbom => ({
    stage: 'syft',
    output: 'cyclonedx',
    target: 'source',
    path: 'sbom/source.cdx.json',
    ownPath: 'reports/sca/syft.own.cdx.json',
    state: 'done',
    ...over,
  });

  it('finds by target, under a name that budgets and waivers can use', () => {
    const { findings, entry } = auditLicenses(DENY, [
      sbom({ text: bom('GPL-3.0-only') }),
      sbom({ target: 'image', text: bom('MIT') }),
    ]);
    expect(findings.map(({ target, kind, category }) => [target, kind, category])).toEqual([
      ['source', 'license', 'license'],
    ]);
    expect(findings[0]?.accounts).toMatchObject([
      { tool: toolId('license-policy'), stage: stageId('license-policy') },
    ]);
    expect(entry).toMatchObject({
      state: 'done',
      detail: '2 packages (components of 2 CycloneDX)',
      findings: 1,
    });
  });

  // A licence policy that looked at nothing must never pass.
  it.each<[string, readonly ReadSbom[], string]>([
    ['no stage makes a document', [], 'incomplete'],
    ['the stage failed', [sbom({ state: 'incomplete' })], 'incomplete'],
    [
      'one of two failed',
      [sbom({ text: bom('MIT') }), sbom({ stage: 'x', state: 'incomplete' })],
      'incomplete',
    ],
    ['the stage was skipped', [sbom({ state: 'skipped' })], 'incomplete'],
    ['there are no packages at all', [sbom({ state: 'not-applicable' })], 'not-applicable'],
  ])('%s', (_, sboms, state) => {
    expect(auditLicenses(DENY, sboms).entry.state).toBe(state);
  });
});
