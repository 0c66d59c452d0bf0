import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { baselineText, readBaseline } from '../../../src/app/policy-inputs/read-baseline.ts';
import { readEpss, readKev } from '../../../src/app/policy-inputs/read-exploited.ts';
import { gateFacts, readPolicyInputs } from '../../../src/app/policy-inputs/read-policy-inputs.ts';
import { readVex } from '../../../src/app/policy-inputs/read-vex.ts';
import { digestOf } from '../../../src/core/canonical.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { policy } from '../../support/planner-rig.ts';

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const codes = (outcome: Outcome<unknown>): string[] => outcome.diagnostics.map(({ code }) => code);
const value = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value;
};
const ref = { path: 'v.json', digest: null };

function openVex(statement: object, over: object = {}): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex-1',
    author: 'ann',
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
    statements: [
      {
        vulnerability: { name: 'CVE-2024-0001', aliases: ['GHSA-x'] },
        products: [{ '@id': 'pkg:pypi/lib@1.0' }],
        status: 'fixed',
        ...statement,
      },
    ],
    ...over,
  };
}

describe('OpenVEX', () => {
  const read = (statement: object) => value(readVex(ref, bytes(openVex(statement)))).statements[0];

  it('is read with aliases, products and the document’s time', () => {
    expect(read({})).toEqual({
      ids: ['CVE-2024-0001', 'GHSA-x'],
      packages: ['pkg:pypi/lib@1.0'],
      wholes: ['pkg:pypi/lib@1.0'],
      status: 'fixed',
      at: Date.parse('2026-01-01'),
    });
  });

  it('is about the parts of a product where it names some', () => {
    const products = [{ '@id': 'pkg:oci/app', subcomponents: [{ '@id': 'pkg:apk/openssl@3' }] }];
    expect(read({ products })).toMatchObject({ packages: ['pkg:apk/openssl@3'], products: ['pkg:oci/app'] });
    const identifiers = { purl: 'pkg:npm/x' };
    expect(read({ products: [{ '@id': 'urn:x', identifiers }] })?.packages).toEqual(['pkg:npm/x']);
  });

  it('keeps products apart that have other parts', () => {
    const part = (id: string) => [{ '@id': id }];
    const products = [
      { '@id': 'pkg:oci/a', subcomponents: part('pkg:npm/x') },
      { '@id': 'pkg:oci/b', subcomponents: part('pkg:npm/x') },
      { '@id': 'pkg:oci/c', subcomponents: part('pkg:npm/y') },
      { '@id': 'urn:d' },
    ];
    const { statements } = value(readVex(ref, bytes(openVex({ products }))));
    expect(statements.map(({ packages, products: ours, wholes }) => [packages, ours ?? wholes])).toEqual([
      [[], ['urn:d']],
      [['pkg:npm/x'], ['pkg:oci/a', 'pkg:oci/b']],
      [['pkg:npm/y'], ['pkg:oci/c']],
    ]);
  });

  it('is read in its first form, of plain texts', () => {
    const first = read({
      vulnerability: 'CVE-2024-0001',
      products: ['pkg:npm/a'],
      subcomponents: ['pkg:npm/b'],
    });
    expect(first).toMatchObject({ ids: ['CVE-2024-0001'], packages: ['pkg:npm/b'] });
  });

  it('takes the id from an address, and the later of its times', () => {
    const vulnerability = { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-2024-0001' };
    const times = { timestamp: '2026-02-01T00:00:00Z', last_updated: '2026-03-01T00:00:00Z' };
    expect(read({ vulnerability, ...times })).toMatchObject({
      ids: ['CVE-2024-0001'],
      at: Date.parse('2026-03-01'),
    });
  });

  it.each([
    ['a status that is none', { status: 'harmless' }],
    ['not affected, without a reason', { status: 'not_affected' }],
    ['a justification that is none', { status: 'not_affected', justification: 'trust me' }],
    ['no vulnerability', { vulnerability: undefined }],
  ])('%s is SP4010', (_, statement) => {
    expect(codes(readVex(ref, bytes(openVex(statement))))).toEqual(['SP4010']);
  });
});

describe('CycloneDX VEX', () => {
  const document = (analysis: unknown, affects: unknown): object => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { timestamp: '2026-01-01T00:00:00Z' },
    components: [
      {
        'bom-ref': 'one',
        purl: 'pkg:npm/lib@1',
        components: [{ components: [{ 'bom-ref': 'inner', purl: 'pkg:npm/inner@1' }] }],
      },
    ],
    vulnerabilities: [{ id: 'CVE-2024-0001', references: [{ id: 'GHSA-x' }], analysis, affects }],
  });
  const read = (analysis: unknown, affects: unknown = [{ ref: 'one' }]) =>
    value(readVex(ref, bytes(document(analysis, affects)))).statements;

  it.each([
    ['resolved', 'fixed'],
    ['resolved_with_pedigree', 'fixed'],
    ['exploitable', 'affected'],
    ['in_triage', 'under_investigation'],
    ['false_positive', 'not_affected'],
    ['not_affected', 'not_affected'],
  ])('%s is %s', (state, status) => {
    expect(read({ state, justification: 'code_not_reachable', detail: 'd' })).toEqual([
      {
        ids: ['CVE-2024-0001', 'GHSA-x'],
        packages: ['pkg:npm/lib@1'],
        wholes: ['pkg:npm/lib@1'],
        status,
        justification: 'code_not_reachable',
        statement: 'd',
        at: Date.parse('2026-01-01'),
      },
    ]);
  });

  it('says nothing without an analysis', () => {
    expect(read(undefined)).toEqual([]);
    expect(read({ detail: 'x' })).toEqual([]);
  });

  it.each([
    ['a purl', [{ ref: 'pkg:npm/a@2' }], ['pkg:npm/a@2']],
    ['a BOM-Link', [{ ref: 'urn:cdx:3e671687/1#pkg%3Anpm%2Fa%402' }], ['pkg:npm/a@2']],
    ['a reference to nothing', [{ ref: 'two' }], []],
    ['single versions', [{ ref: 'pkg:npm/a@2?x=y', versions: [{ version: '3' }] }], ['pkg:npm/a@3']],
    ['a component in a component', [{ ref: 'inner' }], ['pkg:npm/inner@1']],
  ])('is about %s', (_, affects, packages) => {
    expect(read({ state: 'not_affected' }, affects)[0]?.packages).toEqual(packages);
  });

  it('is about a range of versions', () => {
    expect(
      read({ state: 'not_affected' }, [{ ref: 'one', versions: [{ range: 'vers:npm/<3' }] }]),
    ).toMatchObject([{ packages: [], ranges: [{ package: 'pkg:npm/lib', range: 'vers:npm/<3' }] }]);
  });

  it('takes the status of a version for more exact than that of the whole', () => {
    const versions = [
      { version: '1', status: 'affected' },
      { version: '2', status: 'unaffected' },
      { version: '3', status: 'unknown' },
      { range: 'vers:npm/>=4', status: 'unaffected' },
      { version: '5' },
    ];
    const said = (state: string | undefined) =>
      read(state === undefined ? undefined : { state }, [{ ref: 'one', versions }]).map(
        ({ status, packages, ranges = [] }) => [status, packages, ranges.map(({ range }) => range)],
      );
    expect(said('resolved')).toEqual([
      ['fixed', ['pkg:npm/lib@2', 'pkg:npm/lib@5'], ['vers:npm/>=4']],
      ['affected', ['pkg:npm/lib@1'], []],
      ['under_investigation', ['pkg:npm/lib@3'], []],
    ]);
    expect(said(undefined)).toEqual([
      ['affected', ['pkg:npm/lib@1'], []],
      ['not_affected', ['pkg:npm/lib@2'], ['vers:npm/>=4']],
      ['under_investigation', ['pkg:npm/lib@3'], []],
    ]);
  });
});

describe('documents that are none', () => {
  it.each([
    ['not JSON', '{'],
    ['empty', ''],
    ['another format', '{"hello":1}'],
    ['a list', '[]'],
    ['cut off', JSON.stringify(openVex({})).slice(0, 200)],
    ['nested without end', `${'['.repeat(100_000)}`],
    [
      'deep in a member',
      JSON.stringify(openVex({ x: 1 })).replace('"x":1', `"x":${'['.repeat(99)}${']'.repeat(99)}`),
    ],
  ])('%s: SP4010', (_, text) => {
    expect(codes(readVex(ref, bytes(text)))).toEqual(['SP4010']);
  });
});

describe('lists of what is exploited', () => {
  it('KEV: CVE ids and days', () => {
    const kev = {
      catalogVersion: '2026.01.01',
      vulnerabilities: [{ cveID: 'CVE-2024-0001', dateAdded: '2024-02-03' }],
    };
    const read = value(readKev('kev.json', bytes(kev)));
    expect([read.version, [...read.entries]]).toEqual(['2026.01.01', [['CVE-2024-0001', '2024-02-03']]]);
    expect(codes(readKev('kev.json', bytes({ vulnerabilities: [{ cveID: 'x', dateAdded: '' }] })))).toEqual([
      'SP4010',
    ]);
  });

  const csv =
    '#model_version:v2025.03.14,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.5,0.9\n';

  it.each([
    ['plain', Buffer.from(csv)],
    ['gzipped', gzipSync(csv)],
  ])('EPSS, %s', (_, content) => {
    const read = value(readEpss('epss.csv', content));
    expect([read.version, [...read.entries]]).toEqual(['2026-01-01T00:00:00Z', [['CVE-2024-0001', 0.5]]]);
  });

  it.each([
    ['without its columns', 'a,b\n'],
    ['cut off in a row', csv.slice(0, -8)],
    ['with a score that is none', csv.replace('0.5', 'high')],
    ['with a score beyond 1', csv.replace('0.5', '1.5')],
  ])('EPSS %s: SP4010', (_, text) => {
    expect(codes(readEpss('epss.csv', bytes(text)))).toEqual(['SP4010']);
  });

  it('EPSS that inflates without end: SP4010', () => {
    expect(codes(readEpss('epss.csv.gz', gzipSync(Buffer.alloc(300 * 2 ** 20))))).toEqual(['SP4010']);
    expect(codes(readEpss('epss.csv.gz', gzipSync(csv).subarray(0, 30)))).toEqual(['SP4010']);
  });
});

describe('readPolicyInputs', () => {
  const baseline = baselineText({ schema: 'https://secplan.dev/schema/baseline/v1', findings: [] });
  const files = (contents: Readonly<Record<string, string>>) => (path: string) =>
    contents[path] === undefined ? undefined : bytes(contents[path]);
  const planned = { ...policy, baseline: { path: 'b.json', digest: digestOf(baseline) } };

  it('reads what the plan was made with and nothing else', () => {
    const inputs = value(readPolicyInputs(planned, files({ 'b.json': baseline })));
    expect(gateFacts(inputs, [], null).baseline).toEqual({
      path: 'b.json',
      digest: digestOf(baseline),
      findings: [],
    });
    expect(codes(readPolicyInputs(planned, files({ 'b.json': `${baseline} ` })))).toEqual(['SP4011']);
    expect(codes(readPolicyInputs(planned, files({})))).toEqual(['SP4011']);
  });

  it('takes a baseline that was not there and is not there for none', () => {
    const absent = { ...policy, baseline: { path: 'b.json', digest: null } };
    expect(value(readPolicyInputs(absent, files({}))).baseline).toBeNull();
    expect(codes(readPolicyInputs(absent, files({ 'b.json': baseline })))).toEqual(['SP4011']);
  });

  it('never goes on without a document or list that the policy names', () => {
    const vex = { ...policy, vex: [{ path: 'v.json', digest: null }] };
    expect(codes(readPolicyInputs(vex, files({})))).toEqual(['SP4010']);
    expect(codes(readPolicyInputs({ ...policy, exploited: { kev: 'k', epss: 'e' } }, files({})))).toEqual([
      'SP4010',
      'SP4010',
    ]);
  });

  it('a baseline’s text reads back, and one of another schema does not', () => {
    const entry = { fingerprint: 'a'.repeat(64), target: 'source', tool: 't', rule: 'r', path: 'p' };
    const text = baselineText({ schema: 'https://secplan.dev/schema/baseline/v1', findings: [entry] });
    expect(value(readBaseline('b', bytes(text))).findings).toEqual([entry]);
    expect(codes(readBaseline('b', bytes(text.replace('/v1', '/v2'))))).toEqual(['SP4010']);
    expect(codes(readBaseline('b', bytes(text.replace('aaaa', 'AAAA'))))).toEqual(['SP4010']);
  });
});
