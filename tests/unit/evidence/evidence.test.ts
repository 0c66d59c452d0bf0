import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.ts';
import { CATEGORIES } from '../../../src/core/category.ts';
import type { Account, Finding, Rule } from '../../../src/core/finding.ts';
import { digestOfHex, fingerprint, stageId, toolId } from '../../../src/core/ids.ts';
import { createPublishRedactor } from '../../../src/core/redaction/redactor.ts';
import { compareSeverity, SEVERITIES } from '../../../src/core/severity.ts';
import { bundleId, isBundleId } from '../../../src/evidence/bundle/bundle-id.ts';
import { BundleWriter } from '../../../src/evidence/bundle/bundle-writer.ts';
import { readSboms } from '../../../src/evidence/bundle/licenses.ts';
import { readBundle } from '../../../src/evidence/bundle/read-bundle.ts';
import { readFindings } from '../../../src/evidence/bundle/read-findings.ts';
import { sarifChunks, sarifText } from '../../../src/evidence/bundle/sarif-writer.ts';
import type { Summary } from '../../../src/evidence/bundle/summary.ts';
import { compareGolden } from '../../../src/evidence/golden/compare-golden.ts';
import { describeBundle } from '../../../src/evidence/golden/describe-bundle.ts';
import { goldenFile } from '../../../src/evidence/golden/golden-file.ts';
import { layoutJson } from '../../../src/evidence/golden/layout-json.ts';
import { normalize } from '../../../src/evidence/golden/normalize.ts';
import { structuralDiff } from '../../../src/evidence/golden/structural-diff.ts';
import {
  createArtifactValidator,
  FOREIGN_SCHEMAS,
  schemaOf,
} from '../../../src/evidence/golden/validate-artifact.ts';
import { serializePlan } from '../../../src/planner/plan-file/plan-file.ts';
import { fakeScanner } from '../../support/fake-scanner.ts';
import { context, model, planned, tool } from '../../support/planner-rig.ts';

const validator = await createArtifactValidator(new URL('../../..', import.meta.url).pathname);
const driver = { name: 'secplan', version: '0.1.0' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-evidence-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const text = fc.string({ unit: 'binary', maxLength: 30 });
const path = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      fc.constantFrom('a b', 'a\nb', '100%', '%41', 'c:d', '#x', '?y', 'ü', '🙂', '[id]', '"'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.map((part) => part.replaceAll('/', '_')).join('/'));
const line = fc.integer({ min: 1, max: 1e6 });
const span = fc.record(
  { path, startLine: line, startColumn: line, endLine: line, endColumn: line },
  { requiredKeys: ['path'] },
);
const severity = fc.constantFrom(...SEVERITIES);
const print = fc.stringMatching(/^[0-9a-f]{64}$/).map(fingerprint);

/** What a rule says is one thing for one id, and no two tools share one: the report keeps it once for each id. */
function ruleOf(name: string, nth: number): Rule {
  const id = [`${name}/R 1`, `Ü-${name}`][nth] ?? `${name}.plain`;
  return {
    id,
    ...(nth === 0 ? {} : { name: `${name} ${id}` }),
    ...(nth === 2 ? { url: `https://example.org/${name}?q=%20#x` } : {}),
    ...(nth === 1 ? { cwe: ['CWE-79', 'CWE-89'] } : {}),
  };
}

const account = fc
  .record(
    {
      print,
      name: fc.constantFrom('a', 'b-c', 'd'),
      nth: fc.nat(2),
      message: text,
      severity,
      toolLevel: text,
      span,
    },
    { requiredKeys: ['print', 'name', 'nth', 'message', 'severity'] },
  )
  .map(
    ({ print: own, name, nth, ...rest }): Account => ({
      ...rest,
      fingerprint: own,
      stage: stageId(name, nth === 2 ? 'image' : undefined),
      tool: toolId(name),
      rule: ruleOf(name, nth),
    }),
  );

const finding = fc
  .record(
    {
      kind: fc.constantFrom<Finding['kind']>(
        'code',
        'secret',
        'vulnerability',
        'misconfiguration',
        'license',
        'other',
      ),
      category: fc.constantFrom(...CATEGORIES),
      target: fc.constantFrom('source', 'api image'),
      message: text,
      span,
      alsoAt: fc.array(span, { minLength: 1, maxLength: 3 }),
      package: fc.record(
        { name: text, version: text, purl: text, fixedVersion: text },
        { requiredKeys: ['name'] },
      ),
      advisories: fc.uniqueArray(fc.constantFrom('CVE-2024-1', 'GHSA-x', 'ü'), { maxLength: 3 }),
      // One account a tool: the rule's qualified id then has one meaning.
      accounts: fc.uniqueArray(account, { minLength: 1, maxLength: 3, selector: ({ tool: name }) => name }),
    },
    { requiredKeys: ['kind', 'category', 'target', 'message', 'advisories', 'accounts'] },
  )
  .map((made): Finding => {
    const worst = [...made.accounts].sort((a, b) => compareSeverity(a.severity, b.severity))[0] as Account;
    return { ...made, severity: worst.severity, rule: worst.rule, fingerprint: worst.fingerprint };
  });

/** What the merged report keeps: the rule of the finding in full, those of its accounts by their ids. */
function kept(findings: readonly Finding[]): unknown {
  return findings.map((one) => ({
    ...one,
    accounts: one.accounts.map((own) => ({ ...own, rule: { id: own.rule.id } })),
  }));
}

const plain: Finding = {
  fingerprint: fingerprint('f'.repeat(64)),
  kind: 'code',
  category: 'sast',
  target: 'source',
  severity: 'high',
  rule: { id: 'R1' },
  message: 'm',
  advisories: [],
  accounts: [
    {
      fingerprint: fingerprint('f'.repeat(64)),
      stage: stageId('a'),
      tool: toolId('a'),
      rule: { id: 'R1' },
      message: 'm',
      severity: 'high',
    },
  ],
};

describe('sarifText and readFindings', () => {
  it('reads back what was written, and what was written is valid SARIF', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 8 }), (findings) => {
        const sarif = sarifText(driver, findings, true);
        expect(readFindings(sarif)).toEqual(kept(findings));
        expect(validator.check(FOREIGN_SCHEMAS.sarif, JSON.parse(sarif))).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it('names a file by a URI that decodes to its path', () => {
    const odd = 'a b/100%/ü\n#?.py';
    const sarif = JSON.parse(sarifText(driver, [{ ...plain, span: { path: odd } }], true));
    const { uri } = sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation;
    expect(uri).toBe('a%20b/100%25/%C3%BC%0A%23%3F.py');
    expect(decodeURIComponent(uri)).toBe(odd);
  });

  it.each([
    'https://x/a b',
    'https://x y/',
    'https:',
    'http://x/%zz',
    'https://x/<id>',
    'javascript:alert(1)',
    'x',
  ])('leaves out %j, which is no address, and stays valid', (url) => {
    const sarif = JSON.parse(sarifText(driver, [{ ...plain, rule: { id: 'R1', url } }], true));
    expect(validator.check(FOREIGN_SCHEMAS.sarif, sarif)).toBeUndefined();
    expect(sarif.runs[0].tool.driver.rules[0]).not.toHaveProperty('helpUri');
  });

  it.each([
    'https://example.org',
    'http://example.org:8080/a_b/~c;d=1?x=y&z=%20#L1',
    'https://docs.example.org/rules/#(a)!',
  ])('keeps the address %s', (url) => {
    const sarif = sarifText(driver, [{ ...plain, rule: { id: 'R1', url } }], true);
    expect(validator.check(FOREIGN_SCHEMAS.sarif, JSON.parse(sarif))).toBeUndefined();
    expect(readFindings(sarif)[0]?.rule.url).toBe(url);
  });

  it('tells two tools’ rules of one id apart', () => {
    const other = { ...plain, accounts: plain.accounts.map((own) => ({ ...own, tool: toolId('b') })) };
    const sarif = JSON.parse(sarifText(driver, [plain, other], true));
    expect(sarif.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(['a/R1', 'b/R1']);
  });

  it('writes many findings in pieces of bounded size', () => {
    const pieces = [...sarifChunks(driver, Array<Finding>(2000).fill(plain), true)];
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(piece.length).toBeLessThan(70_000);
    expect(readFindings(pieces.join(''))).toHaveLength(2000);
  });

  it('refuses what it did not write', () => {
    const sarif = JSON.parse(sarifText(driver, [plain], true));
    expect(() => readFindings('{')).toThrow();
    expect(() => readFindings('{"runs":[]}')).toThrow();
    sarif.runs[0].results[0].properties.accounts = [];
    expect(() => readFindings(JSON.stringify(sarif))).toThrow();
  });

  it('has a schema check that bites', () => {
    expect(validator.check(FOREIGN_SCHEMAS.sarif, { version: '2.1.0', runs: [{}] })).toMatch(/tool/);
    expect(validator.check('https://secplan.dev/schema/nothing/v1', {})).toMatch(/unknown schema/);
    expect(schemaOf('x.sarif', {})).toBe(FOREIGN_SCHEMAS.sarif);
    expect(schemaOf('x.json', { schema: 'https://elsewhere.example/v1' })).toBeNull();
    expect(schemaOf('x.json', { schema: 'https://secplan.dev/schema/x/v1' })).not.toBeNull();
    expect(schemaOf('reports/sca/x.raw.json', { schema: 'https://secplan.dev/schema/x/v1' })).toBeNull();
    expect(schemaOf('sbom/source.cdx.json', {})).toBe(FOREIGN_SCHEMAS.cyclonedx);
    expect(schemaOf('reports/sca/mine.raw.cdx.json', {})).toBeNull();
  });
});

describe('bundleId', () => {
  it('is the second in UTC and the commit', () => {
    const second = Date.parse('2026-03-01T04:05:06.789Z');
    expect(bundleId(second, 'abcdef0123456789')).toBe('20260301-040506-abcdef0');
    expect(bundleId(second, null)).toBe('20260301-040506-nogit');
    expect(isBundleId(bundleId(second, null))).toBe(true);
  });

  it.each(['', '.', '..', '.hidden', 'a/b', '../a', 'latest', 'a\n', 'x'.repeat(129)])(
    '%j names none',
    (id) => {
      expect(isBundleId(id)).toBe(false);
    },
  );
});

describe('BundleWriter', () => {
  const partial = (): string => join(root, '.x.partial');
  const open = (secrets: readonly string[] = []): Promise<BundleWriter> =>
    BundleWriter.open(root, partial(), createPublishRedactor(secrets));

  it('shows the whole bundle at once, with right checksums and a link', async () => {
    const writer = await open();
    const entry = await writer.write('reports/sast/a.sarif', 'text/plain', ['ü', Buffer.from('b')]);
    await writer.json('b.json', { b: 1 });
    expect(entry).toEqual({
      path: 'reports/sast/a.sarif',
      mediaType: 'text/plain',
      sha256: sha256Hex('üb'),
      bytes: 3,
    });
    expect(readdirSync(root)).toEqual(['.x.partial']);
    expect(await writer.seal('one')).toBe('one');
    expect(readdirSync(root).sort()).toEqual(['latest', 'one']);
    expect(readlinkSync(join(root, 'latest'))).toBe('one');
    const sums = readFileSync(join(root, 'one/checksums.txt'), 'utf8').trimEnd().split('\n');
    expect(sums.map((sum) => sum.slice(66))).toEqual(['b.json', 'reports/sast/a.sarif']);
    for (const sum of sums) {
      expect(sha256Hex(readFileSync(join(root, 'one', sum.slice(66))))).toBe(sum.slice(0, 64));
    }
  });

  it('takes a secret out wherever it stands in a large file, and lets the event loop turn meanwhile', async () => {
    const value = 's3cr3t-Value-1';
    const writer = await open([value]);
    const content = 'x'.repeat(2 ** 18 - 5) + value + 'y'.repeat(2 ** 20);
    let written = false;
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (!written) setImmediate(count);
    };
    setImmediate(count);
    const entry = await writer.write('a.txt', 'text/plain', content);
    written = true;
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(entry.sha256).toBe(sha256Hex(content.replace(value, '[redacted]')));
  });

  it('shows nothing of a bundle whose content breaks off, and leaves the old one as it was', async () => {
    const first = await open();
    await first.write('a', 'text/plain', 'old');
    await first.seal('old');
    const writer = await open();
    await writer.write('a', 'text/plain', 'new');
    const breaking = (function* () {
      yield 'half';
      throw new Error('killed');
    })();
    await expect(writer.write('b', 'text/plain', breaking)).rejects.toThrow('killed');
    expect(readdirSync(root).sort()).toEqual(['.x.partial', 'latest', 'old']);
    expect(readFileSync(join(root, 'latest/a'), 'utf8')).toBe('old');
    expect(writer.artifacts().map((entry) => entry.path)).toEqual(['a']);
    const again = await open();
    await again.write('c', 'text/plain', '');
    await again.seal('next');
    expect(readdirSync(join(root, 'next')).sort()).toEqual(['c', 'checksums.txt']);
  });

  it('leaves neither folder nor link when it is discarded', async () => {
    const writer = await open();
    await writer.write('a', 'text/plain', 'x');
    await writer.discard();
    expect(readdirSync(partial())).toEqual([]);
    expect(existsSync(join(root, 'latest'))).toBe(false);
  });

  it('takes the next number where the name is taken, replaces none, and moves the link', async () => {
    const ids: string[] = [];
    for (const content of ['1', '2', '3']) {
      const writer = await open();
      await writer.write('a', 'text/plain', content);
      ids.push(await writer.seal('id'));
      expect(readFileSync(join(root, 'latest/a'), 'utf8')).toBe(content);
    }
    expect(ids).toEqual(['id', 'id-2', 'id-3']);
    expect(ids.map((id) => readFileSync(join(root, id, 'a'), 'utf8'))).toEqual(['1', '2', '3']);
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each(['../a', '..', '/a', 'a/../../b', 'a/../b', './a', 'a//b', '', '.', 'a/', 'a\0b', 'a\nb', 'a\\b'])(
    'refuses the path %j',
    async (bad) => {
      const writer = await open();
      await expect(writer.write(bad, 'text/plain', 'x')).rejects.toThrow('not a path in a bundle');
      expect(readdirSync(root)).toEqual(['.x.partial']);
      expect(readdirSync(join(partial(), 'bundle'))).toEqual([]);
    },
  );

  it('writes a path once', async () => {
    const writer = await open();
    await writer.write('a', 'text/plain', '1');
    await expect(writer.write('a', 'text/plain', '2')).rejects.toThrow('already');
    await expect(writer.write('checksums.txt', 'text/plain', '2')).rejects.toThrow('already');
  });

  it('takes out a secret however the chunks cut it, and sums what it wrote', async () => {
    const secret = 'hunter2-correct-horse';
    for (let cut = 0; cut <= secret.length; cut += 1) {
      const writer = await open([secret]);
      const chunks = [`x ${secret.slice(0, cut)}`, Buffer.from(`${secret.slice(cut)} y`)];
      const entry = await writer.write('log', 'text/plain', chunks);
      const written = readFileSync(join(partial(), 'bundle/log'), 'utf8');
      expect(written).toBe('x [redacted] y');
      expect(entry).toMatchObject({ sha256: sha256Hex(written), bytes: written.length });
    }
  });

  it('writes the end of a file that could have been the head of a secret, and redacts one that stands there', async () => {
    const writer = await open(['hunter2-correct-horse']);
    await writer.write('head', 'text/plain', ['x hunter2-corr']);
    await writer.write('end', 'text/plain', ['x hunter2-correct', '-horse']);
    await writer.seal('one');
    expect(readFileSync(join(root, 'one/head'), 'utf8')).toBe('x hunter2-corr');
    expect(readFileSync(join(root, 'one/end'), 'utf8')).toBe('x [redacted]');
  });
});

describe('readSboms', () => {
  it('groups packages by licence over documents, each package once', () => {
    const sbom = (components: unknown): string => JSON.stringify({ bomFormat: 'CycloneDX', components });
    const mit = { type: 'library', name: 'b', version: '1', licenses: [{ license: { id: 'MIT' } }] };
    const { licenses, sbom: figures } = readSboms([
      sbom([
        mit,
        { name: 'a', version: '2', licenses: [{ expression: 'MIT OR Apache-2.0' }] },
        { name: 'c', licenses: [{ license: { name: 'Own' } }, { license: { id: 'MIT' } }] },
        { type: 'file', name: 'f' },
        { name: 'd', licenses: null },
        { name: 'e', licenses: [{}] },
      ]),
      sbom([mit]),
      'not json',
    ]);
    expect(licenses.licenses).toEqual([
      { license: 'MIT', packages: ['b@1', 'c'] },
      { license: 'MIT OR Apache-2.0', packages: ['a@2'] },
      { license: 'NOASSERTION', packages: ['d', 'e'] },
      { license: 'Own', packages: ['c'] },
    ]);
    expect(figures).toMatchObject({
      count: 3,
      packages: 5,
      top: [{ name: 'a', version: '2' }, {}, {}, {}, {}],
    });
    expect(validator.check('https://secplan.dev/schema/licenses/v1', licenses)).toBeUndefined();
  });
});

const zero = digestOfHex('0'.repeat(64));
function summary(over: Partial<Summary> = {}): Summary {
  return {
    schema: 'https://secplan.dev/schema/summary/v1',
    secplan: '0.1.0',
    name: 'pay',
    profile: 'light',
    runtime: 'local',
    bundle: 'b1',
    planDigest: zero,
    verdict: 'pass',
    exitCode: 0,
    partial: false,
    counts: {
      overall: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
      perTool: {},
      perCategory: {},
      perTarget: {},
    },
    findings: 0,
    coverage: {
      entries: [],
      notChecked: [],
      notes: [],
      workspace: { files: 0, leftOut: {}, examples: [] },
      requiredMissing: [],
    },
    tools: [
      {
        stage: 'one',
        name: 'one',
        version: '1.0',
        digest: zero,
        provider: 'pypi',
        pinned: true,
        thirdParty: null,
        cached: true,
      },
    ],
    artifacts: [],
    sbom: { count: 0, packages: 0, top: [] },
    notEnforced: [],
    durations: { totalMs: 5, stages: {} },
    startedAt: '2026-01-01T00:00:00.000Z',
    ...over,
  };
}
const plan = planned(model([tool('one')]), context([fakeScanner('one')]));

describe('readBundle', () => {
  const documents = (): Record<string, string> => ({
    'plan.json': serializePlan(plan),
    'verdict.json': '{"schema":"https://secplan.dev/schema/verdict/v1"}',
    'summary.json': JSON.stringify(summary()),
    'findings.sarif': sarifText(driver, [plain], true),
  });
  function lay(files: Record<string, string>): string {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
    return root;
  }

  it('reads a whole bundle', async () => {
    const outcome = await readBundle(lay(documents()));
    expect(outcome).toMatchObject({
      ok: true,
      value: { summary: { bundle: 'b1' }, findings: kept([plain]) },
    });
  });

  it('says SP6001 where there is none', async () => {
    expect(await readBundle(join(root, 'none'))).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'SP6001' }],
    });
  });

  it.each([
    ['plan.json', '{}', 'SP3006'],
    ['verdict.json', '{"schema":"https://secplan.dev/schema/verdict/v2"}', 'SP6002'],
    ['summary.json', '{', 'SP6002'],
    ['findings.sarif', '{"runs":[]}', 'SP6002'],
  ])('refuses a broken %s', async (name, content, code) => {
    const outcome = await readBundle(lay({ ...documents(), [name]: content }));
    expect(outcome).toMatchObject({ ok: false, diagnostics: [{ code }] });
  });

  it.each(['plan.json', 'verdict.json', 'summary.json', 'findings.sarif'])(
    'refuses one without %s',
    async (name) => {
      lay(documents());
      rmSync(join(root, name));
      expect(await readBundle(root)).toMatchObject({ ok: false, diagnostics: [{ code: 'SP6002' }] });
    },
  );
});

describe('structuralDiff', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['nothing', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['the order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['a value', { a: 1 }, { a: 2 }, [{ at: '/a', before: '1', after: '2' }]],
    ['a type', { a: [] }, { a: {} }, [{ at: '/a', before: '[]', after: '{}' }]],
    ['a new member', {}, { 'a/b~': 0 }, [{ at: '/a~1b~0', after: '0' }]],
    ['null for none', { a: null }, {}, [{ at: '/a', before: 'null' }]],
    [
      'an item by place',
      [1, 2],
      [1, 3, 4],
      [
        { at: '/1', before: '2', after: '3' },
        { at: '/2', after: '4' },
      ],
    ],
    [
      'a new item at the head, by id',
      [{ id: 'b', v: 1 }],
      [{ id: 'a' }, { id: 'b', v: 1 }],
      [{ at: '/a', after: '{"id":"a"}' }],
    ],
    [
      'a tool of one of its stages',
      [
        { stage: 'trivy-config', name: 'Trivy', version: '1' },
        { stage: 'trivy-fs', name: 'Trivy', version: '1' },
      ],
      [
        { stage: 'trivy-config', name: 'Trivy', version: '1' },
        { stage: 'trivy-fs', name: 'Trivy', version: '2' },
      ],
      [{ at: '/trivy-fs/version', before: '"1"', after: '"2"' }],
    ],
    [
      'one of twins',
      [{ id: 'a' }, { id: 'a', v: 1 }],
      [{ id: 'a' }],
      [{ at: '/a #2', before: '{"id":"a","v":1}' }],
    ],
    ['a member named as one of Object’s', { constructor: 1 }, {}, [{ at: '/constructor', before: '1' }]],
    [
      'an item named __proto__',
      [{ id: '__proto__' }],
      [],
      [{ at: '/__proto__', before: '{"id":"__proto__"}' }],
    ],
  ])('shows %s', (_, before, after, expected) => {
    expect(structuralDiff(before, after)).toEqual(expected);
  });

  it('says a finding in words and stops at 50 places', () => {
    const result = {
      ruleId: 'a/R1',
      partialFingerprints: { 'secplan/v1': 'f'.repeat(64) },
      properties: { severity: 'high', span: { path: 'a.py', startLine: 3 } },
    };
    expect(structuralDiff({ results: [] }, { results: [result] })).toEqual([
      { at: '/results/a~1R1 ffffffffffff', after: 'high a/R1 at a.py:3' },
    ]);
    const entry = { id: 'a', tool: 'a', state: 'done', detail: '3 files', findings: 0 };
    expect(structuralDiff([entry], [])).toEqual([{ at: '/a', before: 'done: 3 files' }]);
    expect(structuralDiff({}, { ...Array.from({ length: 80 }, (_, index) => index) })).toHaveLength(50);
  });

  it('finds nothing exactly where two values are the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(structuralDiff(before, structuredClone(before))).toEqual([]);
        const same = layoutJson(before) === layoutJson(after);
        expect(structuralDiff([[before]], [[after]]).length === 0).toBe(same);
      }),
    );
  });
});

describe('normalise', () => {
  const json = 'application/json';
  it('takes out what is volatile, and only where it is listed', () => {
    const value = {
      bundle: 'b',
      tools: [{ cached: true, name: 'n' }],
      cached: true,
      x: { startedAt: 1 },
      t: '2026-01-01T00:00:00Z',
    };
    expect(normalize('summary.json', json, JSON.stringify(value))).toMatchObject({
      value: { tools: [{ name: 'n' }], cached: true, x: { startedAt: 1 }, t: '<time>' },
    });
    expect(normalize('other.json', json, '{"bundle":"b"}')).toMatchObject({ text: '{"bundle":"b"}' });
    const notPlanned = '{"notPlanned":[{"state":"disabled"},{"state":"skipped"}],"planDigest":"x"}';
    expect(normalize('plan.json', json, notPlanned)).toMatchObject({
      text: '{"notPlanned":[{"state":"skipped"}]}',
    });
    expect(normalize('logs/a.log', 'text/plain', 'x')).toEqual({ kind: 'left-out' });
    expect(normalize('report.html', 'text/html', 'x')).toEqual({ kind: 'presence' });
    expect(normalize('a.json', json, '{broken')).toEqual({ kind: 'text', text: '{broken' });
  });

  it('changes nothing the second time', () => {
    const members = fc.constantFrom(
      'secplan',
      'tools',
      'cached',
      'state',
      'runs',
      'ruleIndex',
      'results',
      'x',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>('disabled', '2026-01-01T00:00:00.1+01:00 x', 1, null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(members, tie('value'), { maxKeys: 4 }),
      ),
    }));
    const files = fc.constantFrom(
      'summary.json',
      'verdict.json',
      'plan.json',
      'findings.sarif',
      'a.cdx.json',
      'z.json',
    );
    fc.assert(
      fc.property(files, value, (name, made) => {
        const once = normalize(name, json, JSON.stringify(made));
        if (once.kind !== 'json') throw new Error('it is JSON');
        expect(normalize(name, json, once.text)).toEqual(once);
        expect(normalize(name, json, layoutJson(once.value))).toEqual(once);
      }),
    );
  });
});

describe('describeBundle and compareGolden', () => {
  async function described(files: Record<string, string>, over: Partial<Summary> = {}) {
    const dir = mkdtempSync(join(root, 'bundle-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), content);
    }
    return describeBundle(dir, 'light', summary(over), validator);
  }
  const licenses = (packages: unknown): string =>
    JSON.stringify({
      schema: 'https://secplan.dev/schema/licenses/v1',
      licenses: [{ license: 'MIT', packages }],
    });
  const files = {
    'licenses.json': licenses(['a@1']),
    'summary.json': JSON.stringify(summary()),
    'notes.txt': 'one\ntwo',
    'report.html': 'x',
    'logs/one.log': 'x',
  };
  async function compared(changes: Record<string, string | undefined>, over: Partial<Summary> = {}) {
    const before = await described(files);
    const present = Object.entries({ ...files, ...changes }).filter(
      (item): item is [string, string] => item[1] !== undefined,
    );
    const after = await described(Object.fromEntries(present), over);
    const report = compareGolden(before.golden, after, (name) => before.small.get(name));
    expect(validator.check('https://secplan.dev/schema/golden-report/v1', report)).toBeUndefined();
    return report;
  }

  it('lists every file but logs, by what it says and not when', async () => {
    const { golden, invalid } = await described(files);
    expect(golden.artifacts.map((artifact) => [artifact.path, artifact.sha256 !== null])).toEqual([
      ['licenses.json', true],
      ['notes.txt', true],
      ['report.html', false],
      ['summary.json', true],
    ]);
    expect(golden.tools).toEqual({ one: 'one 1.0' });
    expect(invalid).toEqual([]);
    expect(goldenFile.parse(golden)).toEqual(golden);
    expect(validator.check('https://secplan.dev/schema/golden/v1', golden)).toBeUndefined();
  });

  it('is equal to another run of the same', async () => {
    const again = summary({
      bundle: 'b2',
      startedAt: '2027-01-01T00:00:00.000Z',
      durations: { totalMs: 9, stages: {} },
    });
    const changes = { 'summary.json': JSON.stringify(again), 'report.html': 'y', 'logs/two.log': 'x' };
    expect(await compared(changes)).toMatchObject({ equal: true, changes: [], tools: [] });
  });

  it('finds what is missing, extra, and no longer there by presence', async () => {
    const report = await compared({ 'notes.txt': undefined, 'more.txt': 'x', 'report.html': undefined });
    expect(report.equal).toBe(false);
    expect(report.changes.map(({ path: at, kind }) => [at, kind])).toEqual([
      ['more.txt', 'extra'],
      ['notes.txt', 'missing'],
      ['report.html', 'missing'],
    ]);
  });

  it('shows where JSON and text changed', async () => {
    const report = await compared({ 'licenses.json': licenses(['a@2']), 'notes.txt': 'one\nthree' });
    expect(report.changes).toEqual([
      {
        path: 'licenses.json',
        kind: 'changed',
        detail: expect.stringMatching(/^1 places? differs?$/),
        differences: [{ at: '/licenses/0/packages/0', before: '"a@1"', after: '"a@2"' }],
      },
      { path: 'notes.txt', kind: 'changed', detail: 'line 2: "two" is now "three"', differences: [] },
    ]);
  });

  it('finds a document that breaks its schema', async () => {
    const report = await compared({ 'licenses.json': licenses('a@1') });
    expect(report.changes.map(({ path: at, kind }) => [at, kind])).toEqual([
      ['licenses.json', 'invalid'],
      ['licenses.json', 'changed'],
    ]);
  });

  it('names the tools of another version, which alone are no change', async () => {
    const [one] = summary().tools;
    if (one === undefined) throw new Error('it has a tool');
    const report = await compared(
      {},
      {
        tools: [
          { ...one, version: '2.0' },
          { ...one, stage: 'new', version: null },
        ],
      },
    );
    expect(report.equal).toBe(true);
    expect(report.tools).toEqual([
      { stage: 'new', before: 'none', after: 'one unknown' },
      { stage: 'one', before: 'one 1.0', after: 'one 2.0' },
    ]);
  });
});
