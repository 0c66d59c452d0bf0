import { describe, expect, it } from 'vitest';
import type { PlannedPolicy } from '../../../src/compiler/model/model.ts';
import { digestOf } from '../../../src/core/canonical.ts';
import type { Finding, FindingKind, Span } from '../../../src/core/finding.ts';
import { type Digest, fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import type { Severity } from '../../../src/core/severity.ts';
import { readFindings } from '../../../src/evidence/bundle/read-findings.ts';
import { sarifMarks } from '../../../src/evidence/bundle/sarif-marks.ts';
import { sarifText } from '../../../src/evidence/bundle/sarif-writer.ts';
import { createArtifactValidator } from '../../../src/evidence/golden/validate-artifact.ts';
import { baselineOf, pruneBaseline } from '../../../src/policy/baseline.ts';
import type { Coverage } from '../../../src/policy/coverage.ts';
import { type GateFacts, NO_FACTS } from '../../../src/policy/gate-facts.ts';
import { policyDigest } from '../../../src/policy/policy-digest.ts';
import { purlMatches } from '../../../src/policy/purl.ts';
import { existedBefore, filesToCompare } from '../../../src/policy/since.ts';
import { decideVerdict, type Verdict } from '../../../src/policy/verdict.ts';
import { verdictChanges } from '../../../src/policy/verdict-changes.ts';
import type { VexDocument, VexStatement } from '../../../src/policy/vex.ts';
import { unfixedLines } from '../../../src/report/policy-lines.ts';
import { policy as basePolicy } from '../../support/planner-rig.ts';

const NOON = Date.parse('2026-06-15T12:00:00Z');

interface Made {
  readonly id: string;
  readonly tools?: readonly string[];
  readonly kind?: FindingKind;
  readonly severity?: Severity;
  readonly span?: Span;
  readonly target?: string;
  readonly purl?: string;
  readonly advisories?: readonly string[];
}

const print = (id: string): string => digestOf(id).slice('sha256:'.length);

/** A merged finding with one account for each tool, every account of its own fingerprint. */
function found({ id, tools = ['bandit'], ...rest }: Made): Finding {
  const { kind = 'code', severity = 'high', span, target = 'source', purl, advisories = [] } = rest;
  const place = span === undefined ? {} : { span };
  return {
    fingerprint: fingerprint(print(id)),
    kind,
    category: 'sast',
    target,
    severity,
    rule: { id: 'R1' },
    message: id,
    ...place,
    ...(purl === undefined ? {} : { package: { name: purl, purl } }),
    advisories,
    accounts: tools.map((tool, index) => ({
      fingerprint: fingerprint(index === 0 ? print(id) : print(`${id} ${tool}`)),
      stage: stageId(tool),
      tool: toolId(tool),
      rule: { id: 'R1' },
      message: id,
      severity,
      ...place,
    })),
  };
}

function coverage(states: Readonly<Record<string, 'done' | 'incomplete' | 'skipped'>>): Coverage {
  return {
    entries: Object.entries(states).map(([id, state]) => ({
      id,
      tool: id,
      category: 'sast',
      state,
      detail: '',
      reason: state === 'incomplete' ? 'timeout' : null,
      findings: 0,
    })),
    notChecked: [],
    notes: [],
    workspace: { files: 1, leftOut: {}, examples: [] },
    requiredMissing: [],
  };
}

const ALL_DONE = coverage({ bandit: 'done', ruff: 'done' });

function gate(
  findings: readonly Finding[],
  facts: Partial<GateFacts> = {},
  over: Partial<PlannedPolicy> = {},
  at = NOON,
): Verdict {
  const policy = { ...basePolicy, ...over };
  return decideVerdict({
    policy,
    coverage: ALL_DONE,
    findings,
    facts: { ...NO_FACTS, ...facts },
    at,
    elapsedMs: 1,
  });
}

const limits = (overall: object, fresh?: object): Pick<PlannedPolicy, 'budgets'> => {
  const none = { perTool: {}, perCategory: {}, perTarget: {} };
  return {
    budgets: {
      origin: 'test',
      overall,
      ...none,
      ...(fresh === undefined ? {} : { new: { overall: {}, ...none, ...fresh } }),
    },
  };
};

const knows = (...findings: readonly Finding[]): Pick<GateFacts, 'baseline'> => ({
  baseline: { path: 'b.json', digest: digestOf('b'), findings: baselineOf(findings).findings },
});

describe('a baseline', () => {
  const old = found({ id: 'old', tools: ['bandit', 'ruff'] });
  const fresh = found({ id: 'fresh' });

  it('knows a finding by any tool’s account of it, and only for its target', () => {
    const { baseline } = knows(old);
    expect(gate([old, fresh], { baseline }).comparison?.new).toEqual([print('fresh')]);
    const [, second] = old.accounts;
    const alone = { ...old, fingerprint: second?.fingerprint ?? old.fingerprint, accounts: [second] };
    expect(gate([alone as Finding], { baseline }).comparison?.new).toEqual([]);
    expect(gate([{ ...old, target: 'image' }], { baseline }).comparison?.new).toEqual([print('old')]);
  });

  it('holds no message and nothing of a file', () => {
    const secret = found({ id: 'hunter2', kind: 'secret', span: { path: 'a', startLine: 1 } });
    expect(JSON.stringify(baselineOf([secret]))).not.toContain('hunter2');
  });

  it.each([
    ['overall', { overall: { high: 0 } }, 'new overall'],
    ['a tool', { perTool: { bandit: { high: 0 } } }, 'new tool bandit'],
    ['a category', { perCategory: { sast: { high: 0 } } }, 'new category sast'],
    ['a target', { perTarget: { source: { high: 0 } } }, 'new target source'],
  ])('budgets for new findings of %s count the new ones alone', (_, limit, scope) => {
    const over = limits({ high: 1 }, limit);
    expect(gate([old], knows(old), over)).toMatchObject({ outcome: 'pass' });
    const verdict = gate([fresh], knows(old), over);
    expect(verdict.outcome).toBe('fail');
    expect(verdict.budgets.filter((line) => line.exceeded).map((line) => line.scope)).toEqual([scope]);
  });

  it('that is not there makes every finding new, so that budgets for new ones still hold', () => {
    const verdict = gate([old], {}, limits({}, { overall: { high: 0 } }));
    expect(verdict).toMatchObject({ outcome: 'fail', comparison: { with: 'nothing', new: [print('old')] } });
  });

  it('leaves the overall budgets as they are: known findings still count there', () => {
    expect(gate([old], knows(old), limits({ high: 0 }))).toMatchObject({ outcome: 'fail' });
  });

  it('does not count what is waived as new, though it says that it is', () => {
    const waivers = [{ match: { rule: 'R1' }, reason: 'r', owner: 'o', expires: '2026-12-31' }];
    const verdict = gate([fresh], knows(), { ...limits({}, { overall: { high: 0 } }), waivers });
    expect(verdict.outcome).toBe('pass');
    expect(verdict.comparison?.new).toEqual([print('fresh')]);
  });

  describe('pruned', () => {
    const both = baselineOf([old, fresh]);

    it('loses what is gone, adds nothing, and is the same again when nothing is', () => {
      const { baseline, dropped } = pruneBaseline(both, [old, found({ id: 'newer' })], ALL_DONE);
      expect(baseline).toEqual(baselineOf([old]));
      expect(dropped.map((entry) => entry.fingerprint)).toEqual([print('fresh')]);
      expect(pruneBaseline(baseline, [old], ALL_DONE).baseline).toEqual(baseline);
    });

    it.each(['incomplete', 'skipped'] as const)('keeps what a tool knew that is %s', (state) => {
      const { dropped } = pruneBaseline(both, [], coverage({ bandit: state, ruff: 'done' }));
      expect(dropped.map((entry) => entry.tool)).toEqual(['ruff']);
    });

    it('keeps what a tool knew that the run did not have', () => {
      expect(pruneBaseline(both, [], coverage({ ruff: 'done' })).dropped.map(({ tool }) => tool)).toEqual([
        'ruff',
      ]);
    });
  });
});

describe('--changed-since', () => {
  const at = (path: string) => ({ path, startLine: 1 });
  const same = found({ id: 'same', span: at('same.py') });
  const changed = found({ id: 'changed', span: at('changed.py') });
  const across = found({ id: 'across', tools: ['trivy'], span: at('same.py') });
  const since = {
    ref: 'main',
    commit: 'c',
    mergeBase: 'm'.repeat(40),
    baseline: [],
    perFile: ['bandit'],
    unchanged: ['same.py'],
  };

  it('asks for the files of per-file tools alone', () => {
    expect(filesToCompare([same, changed, across], ['bandit'])).toEqual(['changed.py', 'same.py']);
  });

  it('takes for existing only what a per-file tool found in an unchanged file, or the ref’s baseline', () => {
    expect([same, changed, across].map(existedBefore(since))).toEqual([true, false, false]);
    const known = { ...since, baseline: baselineOf([across]).findings };
    expect([same, changed, across].map(existedBefore(known))).toEqual([true, false, true]);
  });

  it('does not take for existing what has one of its places in a changed file', () => {
    const spread = (path: string): Finding => ({
      ...same,
      accounts: same.accounts.map((account) => ({
        ...account,
        span: { path: 'same.py' },
        alsoAt: [{ path }],
      })),
    });
    const inBoth = { ...since, unchanged: ['other.py', 'same.py'] };
    expect(['other.py', 'changed.py'].map((path) => existedBefore(inBoth)(spread(path)))).toEqual([
      true,
      false,
    ]);
    expect(filesToCompare([spread('changed.py')], since.perFile)).toEqual(['changed.py', 'same.py']);
  });

  it('counts new findings alone, and says how many it left out', () => {
    const verdict = gate([same, changed], { since }, limits({ high: 0 }));
    expect(verdict).toMatchObject({
      outcome: 'fail',
      counts: { overall: { high: 1 } },
      comparison: { with: 'ref', existing: 1, new: [print('changed')] },
    });
    expect(gate([same], { since }, limits({ high: 0 })).outcome).toBe('pass');
  });

  it('does not hear the workspace’s own baseline, which the change may have grown', () => {
    const facts = { since, ...knows(changed) };
    expect(gate([changed], facts, limits({ high: 0 })).outcome).toBe('fail');
  });
});

function statement(over: Partial<VexStatement> = {}): VexStatement {
  return { ids: ['CVE-2024-0001'], packages: ['pkg:pypi/lib'], status: 'not_affected', at: 0, ...over };
}

function vex(statements: readonly VexStatement[], expires?: string): VexDocument {
  const end = expires === undefined ? {} : { expires };
  const digest: Digest = digestOf('v');
  return { path: 'vex.json', digest, format: 'openvex', id: null, author: 'ann', statements, ...end };
}

describe('VEX', () => {
  const cve = found({
    id: 'v',
    kind: 'vulnerability',
    purl: 'pkg:pypi/lib@1.0',
    advisories: ['GHSA-aaaa', 'CVE-2024-0001'],
  });
  const counts = (documents: readonly VexDocument[], at = NOON): boolean =>
    gate([cve], { vex: documents }, {}, at).counts.overall.high === 1;

  it.each([
    ['not_affected', false],
    ['fixed', false],
    ['affected', true],
    ['under_investigation', true],
  ] as const)('%s: counts %s', (status, counted) => {
    expect(counts([vex([statement({ status })])])).toBe(counted);
  });

  it('knows a vulnerability by an alias, whatever its case', () => {
    expect(counts([vex([statement({ ids: ['PYSEC-1', 'ghsa-AAAA'] })])])).toBe(false);
    expect(counts([vex([statement({ ids: ['CVE-2024-0002'] })])])).toBe(true);
  });

  it('does not speak of findings that are no vulnerability of a package', () => {
    const code = { ...cve, kind: 'code' as const };
    expect(gate([code], { vex: [vex([statement()])] }).counts.overall.high).toBe(1);
  });

  it('hears the latest of several statements, and of equal ones the one under which it counts', () => {
    const says = (status: VexStatement['status'], at: number | null): VexStatement =>
      statement({ status, at });
    expect(counts([vex([says('not_affected', 1), says('affected', 2)])])).toBe(true);
    expect(counts([vex([says('not_affected', 2), says('affected', 1)])])).toBe(false);
    expect(counts([vex([says('not_affected', null), says('affected', null)])])).toBe(true);
    expect(counts([vex([says('not_affected', 1)]), vex([says('under_investigation', 1)])])).toBe(true);
  });

  it('does not hear a statement that is not made yet', () => {
    expect(counts([vex([statement({ at: NOON + 1 })])])).toBe(true);
  });

  it('hears a later word under which it counts also where it is not certain whom it is about', () => {
    const says = (status: VexStatement['status'], at: number | null, over: object = {}) =>
      statement({ status, at, ...over });
    const unsure = { packages: ['pkg:pypi/lib@1.0?arch=arm'] };
    expect(counts([vex([says('not_affected', 1), says('affected', 2, unsure)])])).toBe(true);
    expect(counts([vex([says('not_affected', 1, unsure)])])).toBe(true);
    expect(counts([vex([says('not_affected', 1), says('affected', null)])])).toBe(true);
    expect(counts([vex([says('not_affected', null), says('affected', 1)])])).toBe(true);
    expect(counts([vex([says('not_affected', 1), says('affected', NOON + 1)])])).toBe(true);
    const other = { packages: ['pkg:pypi/lib@1.1'] };
    expect(counts([vex([says('not_affected', 1), says('affected', 2, other)])])).toBe(false);
  });

  it('speaks of versions in a range', () => {
    const ranged = (range: string, status: VexStatement['status'] = 'not_affected') =>
      statement({ packages: [], ranges: [{ package: 'pkg:pypi/lib', range }], status, at: 2 });
    expect(counts([vex([ranged('vers:pypi/<1.1')])])).toBe(false);
    expect(counts([vex([ranged('vers:pypi/<1.0')])])).toBe(true);
    const known = statement({ at: 1 });
    expect(counts([vex([known, ranged('vers:pypi/>=1.0|<2.0', 'affected')])])).toBe(true);
    // Not comparable: it is no reason to set aside, but one to count.
    expect(counts([vex([ranged('vers:pypi/<1.1rc1')])])).toBe(true);
    expect(counts([vex([known, ranged('vers:pypi/<1.1rc1', 'affected')])])).toBe(true);
  });

  it('holds for parts of a product only where the product is ours', () => {
    const billing = 'pkg:oci/billing?repository_url=ghcr.io/acme/billing';
    const document = vex([statement({ products: [billing] })]);
    const own = (id: string, target: string | null) => ({ vex: [document], products: [{ id, target }] });
    const high = (facts: Partial<GateFacts>, products: readonly string[] = []) =>
      gate([cve], facts, { products }).counts.overall.high;
    expect(high({ vex: [document] })).toBe(1);
    expect(high(own(billing, 'source'))).toBe(0);
    expect(high(own(billing, 'another'))).toBe(1);
    expect(high({ vex: [document] }, [billing])).toBe(0);
    expect(high(own('pkg:oci/billing?repository_url=evil.example/billing', 'source'))).toBe(1);
    expect(gate([cve], { vex: [document] }).vex?.unused).toEqual([
      { document: 'vex.json', ids: ['CVE-2024-0001'], foreign: [billing] },
    ]);
  });

  it('on a product of ours is about each part of it', () => {
    const document = vex([
      statement({ packages: ['pkg:github/acme/shop@2'], wholes: ['pkg:github/acme/shop@2'] }),
    ]);
    const high = (id: string) =>
      gate([cve], { vex: [document], products: [{ id, target: 'source' }] }).counts.overall.high;
    expect(high('pkg:github/acme/shop@2')).toBe(0);
    expect(high('pkg:github/acme/shop@3')).toBe(1);
    // Not certain of which version we are.
    expect(high('pkg:github/acme/shop')).toBe(1);
  });

  it('is believed to the last millisecond of its day', () => {
    const end = Date.parse('2026-07-01T00:00:00Z');
    const document = vex([statement()], '2026-06-30');
    expect([counts([document], end - 1), counts([document], end)]).toEqual([false, true]);
    expect(gate([cve], { vex: [document] }, {}, end).vex?.documents).toMatchObject([{ expired: true }]);
  });

  it('keeps justification and document, and tells statements that match nothing', () => {
    const justification = 'vulnerable_code_not_present';
    const unused = statement({ ids: ['CVE-1999-0001'] });
    const verdict = gate([cve], { vex: [vex([statement({ justification }), unused])] });
    expect(verdict.vex).toMatchObject({
      notAffected: [{ finding: print('v'), document: 'vex.json', justification }],
      unused: [{ document: 'vex.json', ids: ['CVE-1999-0001'] }],
    });
  });

  it.each([
    ['pkg:pypi/lib', 'pkg:pypi/lib@1.0', true],
    ['pkg:pypi/lib@1.0', 'pkg:pypi/lib@1.0', true],
    ['pkg:pypi/lib@1.1', 'pkg:pypi/lib@1.0', false],
    ['pkg:pypi/Lib_X', 'pkg:pypi/lib-x@1', true],
    ['pkg:npm/%40a/b@1', 'pkg:npm/@a/b@1', true],
    ['pkg:npm/@a/b', 'pkg:npm/@a/c@1', false],
    ['pkg:gem/B', 'pkg:gem/b@1', false],
    ['pkg:npm/a', 'pkg:npm/a@%zz', false],
    ['pkg:maven/a', 'pkg:maven/a@1', false],
    ['pkg:deb/debian/x?arch=amd64', 'pkg:deb/debian/x@1?arch=arm64', false],
    ['pkg:deb/debian/x', 'pkg:deb/debian/x@1?arch=arm64', true],
    ['pkg:pypi/lib', 'pkg:npm/lib@1', false],
    ['lib', 'lib', false],
    ['pkg:', 'pkg:', false],
  ])('%s speaks of %s: %s', (wanted, actual, matches) => {
    expect(purlMatches(wanted, actual)).toBe(matches);
  });
});

describe('exploited findings', () => {
  const one = (id: string): Finding =>
    found({ id, kind: 'vulnerability', severity: 'low', purl: `pkg:pypi/${id}@1`, advisories: [id] });
  const facts: Pick<GateFacts, 'exploited'> = {
    exploited: {
      lists: [{ kind: 'kev', path: 'kev.json', digest: digestOf('k'), version: '1' }],
      entries: {
        'CVE-2024-0001': { kevAdded: '2024-01-01', epss: 0.9 },
        'CVE-2024-0002': { epss: 0.4 },
      },
    },
  };
  const findings = ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003'].map(one);
  const over = (threshold?: number): Partial<PlannedPolicy> => ({
    budgets: { ...basePolicy.budgets, exploited: 0 },
    exploited: { kev: 'kev.json', ...(threshold === undefined ? {} : { threshold }) },
  });

  it('are those of the catalogue, and from the threshold on those likely to be', () => {
    const counts = (threshold?: number) =>
      gate(findings, facts, over(threshold)).budgets.find(({ scope }) => scope === 'exploited');
    expect(counts()).toMatchObject({ severity: 'any', count: 1, exceeded: true });
    expect(counts(0.4)).toMatchObject({ count: 2 });
    expect(counts(0.41)).toMatchObject({ count: 1 });
  });

  it('fail a run that every severity budget passes, and are marked', () => {
    const verdict = gate(findings, facts, over());
    expect(verdict.outcome).toBe('fail');
    expect(verdict.exploited?.findings.map(({ ids, exploited }) => [ids, exploited])).toEqual([
      [['CVE-2024-0001'], true],
      [['CVE-2024-0002'], false],
    ]);
    expect(gate(findings.slice(1), facts, over()).outcome).toBe('pass');
  });
});

describe('budgets on what can be fixed', () => {
  const one = (id: string, kind: FindingKind, fixedVersion?: string): Finding => ({
    ...found({ id, kind, purl: `pkg:npm/${id}@1` }),
    ...(kind === 'vulnerability' ? { package: { name: id, ...(fixedVersion && { fixedVersion }) } } : {}),
  });
  const findings = [one('open', 'vulnerability'), one('fixed', 'vulnerability', '2'), one('code', 'code')];

  it('leave out vulnerabilities without a fix and nothing else, and list them', () => {
    const { budgets } = limits({ high: 1 });
    const verdict = gate(findings, {}, { budgets: { ...basePolicy.budgets, ...budgets, fixable: true } });
    expect(verdict).toMatchObject({
      outcome: 'fail',
      unfixed: [print('open')],
      counts: { overall: { high: 2 } },
    });
    expect(unfixedLines(verdict)).toEqual([
      '1 vulnerability has no fixed version yet: not counted (budgets: fixable)',
    ]);
    expect(gate(findings, {}, limits({ high: 1 }))).toMatchObject({ counts: { overall: { high: 3 } } });
    expect(gate(findings, {}, limits({ high: 1 }))).not.toHaveProperty('unfixed');
  });
});

describe('waivers about to end', () => {
  const waiver = (expires: string) => ({ match: { rule: 'R1' }, reason: 'r', owner: 'o', expires });
  const expiring = (expires: string): boolean =>
    gate([], {}, { waivers: [waiver(expires)] }).waivers.expiring !== undefined;

  it('are told from thirty days before their end on, and no longer when it is over', () => {
    expect(['2026-06-14', '2026-06-15', '2026-07-14', '2026-07-15'].map(expiring)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('and VEX documents are what a later day changes', () => {
    const bad = found({ id: 'bad' });
    const cve = found({
      id: 'v',
      kind: 'vulnerability',
      purl: 'pkg:pypi/lib@1',
      advisories: ['CVE-2024-0001'],
    });
    const facts = { vex: [vex([statement()], '2026-06-30')] };
    const over = { ...limits({ high: 1 }), waivers: [waiver('2026-06-20')] };
    const on = (day: string): Verdict =>
      gate([bad, { ...cve, accounts: [] }], facts, over, Date.parse(`${day}T12:00:00Z`));
    const told = (day: string) => verdictChanges(on('2026-06-15'), on(day)).map(({ text }) => text);
    expect(told('2026-06-20')).toEqual([]);
    expect(told('2026-06-21')).toEqual([
      'the waiver of rule R1 by o ends on 2026-06-20: 1 finding counts again',
    ]);
    expect(told('2026-07-01')).toEqual([
      'pass becomes fail',
      'overall high: 0 becomes 2 where 1 is allowed',
      'the waiver of rule R1 by o ends on 2026-06-20: 1 finding counts again',
      'vex.json applies until 2026-06-30: 1 finding counts again',
    ]);
  });
});

describe('what the gate made of findings', () => {
  const bad = found({ id: 'bad' });
  const cve = found({
    id: 'v',
    kind: 'vulnerability',
    purl: 'pkg:pypi/lib@1',
    advisories: ['CVE-2024-0001'],
  });
  const verdict = gate(
    [bad, cve],
    { ...knows(cve), vex: [vex([statement({ justification: 'component_not_present' })])] },
    { waivers: [{ match: { fingerprint: print('bad') }, reason: 'r', owner: 'o', expires: '2026-12-31' }] },
  );

  it('stands in findings.sarif in SARIF’s own words, and does not hide them from the reader', () => {
    const text = sarifText({ name: 'secplan', version: '1' }, [bad, cve], true, sarifMarks(verdict));
    const results = (JSON.parse(text) as { runs: [{ results: Record<string, unknown>[] }] }).runs[0].results;
    expect(results.map(({ baselineState }) => baselineState)).toEqual(['new', 'unchanged']);
    expect(results.map(({ suppressions }) => suppressions)).toMatchObject([
      [{ kind: 'external', justification: 'waived by o until 2026-12-31: r' }],
      [{ kind: 'external', justification: 'not_affected by vex.json: component_not_present' }],
    ]);
    expect(readFindings(text)).toHaveLength(2);
  });

  it('is valid by the schemas of verdict.json and gate-facts.json', async () => {
    const validator = await createArtifactValidator(new URL('../../..', import.meta.url).pathname);
    expect(validator.check(verdict.schema, verdict)).toBeUndefined();
    const facts: GateFacts = { ...NO_FACTS, ...knows(cve), vex: [vex([statement()])] };
    expect(validator.check(facts.schema, facts)).toBeUndefined();
    expect(validator.check(facts.schema, { ...facts, vex: [{}] })).toBeDefined();
    const baseline = baselineOf([cve]);
    expect(validator.check(baseline.schema, baseline)).toBeUndefined();
    expect(validator.check(baseline.schema, { ...baseline, findings: [{}] })).toBeDefined();
  });
});

it('policyDigest changes with every member of a policy', () => {
  const before = policyDigest(basePolicy);
  expect(policyDigest({ ...basePolicy })).toBe(before);
  expect(policyDigest({ ...basePolicy, onIncomplete: 'warn' })).not.toBe(before);
  expect(policyDigest({ ...basePolicy, baseline: { path: 'b', digest: null } })).not.toBe(before);
});
