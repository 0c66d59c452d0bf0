import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../src/app/verify/verify-bundle.ts';
import { sbomComponents } from '../../../src/evidence/bundle/licenses.ts';
import {
  type ArtifactValidator,
  createArtifactValidator,
  FOREIGN_SCHEMAS,
} from '../../../src/evidence/golden/validate-artifact.ts';
import { mergeCyclonedx } from '../../../src/evidence/sbom/merge-cyclonedx.ts';
import { mergeSpdx } from '../../../src/evidence/sbom/merge-spdx.ts';
import { placeSboms } from '../../../src/evidence/sbom/place-sboms.ts';
import { customWorld, manifestOf } from '../../support/custom-world.ts';

type Loose = ReturnType<typeof JSON.parse>;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let validator: ArtifactValidator;
beforeAll(async () => {
  if (!existsSync(join(ROOT, 'dist/schemas')))
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT });
  validator = await createArtifactValidator(ROOT);
});

const name = fc.constantFrom('flask', 'lodash', 'openssl', 'a b', 'ü');
const version = fc.constantFrom('1.0', '2.0.1', '');
const purl = fc.tuple(name, version).map(([n, v]) => `pkg:generic/${encodeURIComponent(n)}@${v}`);
const licence = fc.constantFrom(
  'MIT',
  'Apache-2.0',
  'MIT OR Apache-2.0',
  'BSD',
  'GPL-2.0+',
  'LicenseRef-own',
);
const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined });

const component: fc.Arbitrary<Loose> = fc.record({
  type: fc.constantFrom('library', 'application', 'file', 'nonsense'),
  'bom-ref': fc.constantFrom('r1', 'r2', 'r3', 'r4'),
  name,
  version: maybe(version),
  purl: maybe(purl),
  scope: maybe(fc.constantFrom('required', 'optional', 'excluded')),
  licenses: maybe(
    fc.oneof(
      fc.array(
        licence.map((label) => ({ license: { name: label } })),
        { maxLength: 2 },
      ),
      licence.map((expression) => [{ expression }]),
      licence.map((id) => [{ license: { id, url: 'https://example.org' } }]),
    ),
  ),
  hashes: maybe(
    fc.constantFrom([{ alg: 'SHA-1', content: 'a'.repeat(40) }], [{ alg: 'SHA-1', content: 'no' }]),
  ),
  properties: maybe(fc.array(fc.record({ name, value: version }), { maxLength: 2 })),
});
const cyclonedx: fc.Arbitrary<Loose> = fc.record({
  bomFormat: fc.constant('CycloneDX'),
  specVersion: fc.constantFrom('1.3', '1.5', '1.6'),
  metadata: maybe(
    fc.record({
      component: fc.constant({ 'bom-ref': 'root', type: 'file', name: '.' }),
      tools: fc.constantFrom([{ vendor: 'v', name: 't' }], {
        components: [{ type: 'application', name: 'syft' }],
      }),
    }),
  ),
  components: fc.array(
    fc
      .tuple(component, maybe(fc.array(component, { maxLength: 2 })))
      .map(([one, components]) => ({ ...one, components })),
    { maxLength: 5 },
  ),
  dependencies: fc.array(
    fc.record({
      ref: fc.constantFrom('root', 'r1', 'r2', 'gone'),
      dependsOn: fc.constantFrom(['r1'], ['r3', 'gone']),
    }),
    { maxLength: 3 },
  ),
});

const spdxPackage: fc.Arbitrary<Loose> = fc.record({
  SPDXID: fc.constantFrom('SPDXRef-1', 'SPDXRef-2', 'SPDXRef-3'),
  name,
  versionInfo: maybe(version),
  downloadLocation: fc.constantFrom('NOASSERTION', 'https://example.org/x', 'no place'),
  licenseDeclared: maybe(
    fc.constantFrom('NOASSERTION', 'NONE', 'MIT', 'MIT OR BSD-2-Clause', 'LicenseRef-own'),
  ),
  supplier: maybe(fc.constantFrom('NOASSERTION', 'Person: ann', 'ann')),
  externalRefs: fc.array(purl, { maxLength: 1 }).map((all) =>
    all.map((referenceLocator) => ({
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator,
    })),
  ),
});
const spdx: fc.Arbitrary<Loose> = fc.record({
  spdxVersion: fc.constant('SPDX-2.3'),
  creationInfo: maybe(fc.record({ creators: fc.constantFrom(['Tool: syft-1'], ['Tool: x', 'nobody']) })),
  packages: fc.array(spdxPackage, { maxLength: 5 }),
  files: fc.array(
    fc.record({
      SPDXID: fc.constantFrom('SPDXRef-f1', 'SPDXRef-f2'),
      fileName: fc.constantFrom('', 'a.txt', 'b.txt'),
      checksums: fc.constantFrom([], [{ algorithm: 'SHA1', checksumValue: 'a'.repeat(40) }]),
    }),
    { maxLength: 2 },
  ),
  relationships: fc.array(
    fc.record({
      spdxElementId: fc.constantFrom('SPDXRef-DOCUMENT', 'SPDXRef-1', 'SPDXRef-gone'),
      relatedSpdxElement: fc.constantFrom('SPDXRef-1', 'SPDXRef-f1', 'NOASSERTION'),
      relationshipType: fc.constantFrom('DESCRIBES', 'CONTAINS', 'DEPENDS_ON', 'bad'),
    }),
    { maxLength: 3 },
  ),
  hasExtractedLicensingInfos: maybe(
    fc.constantFrom('one', 'two').map((extractedText) => [{ licenseId: 'LicenseRef-own', extractedText }]),
  ),
});

interface Kind {
  readonly documents: fc.Arbitrary<Loose>;
  readonly merge: (target: string, documents: readonly unknown[]) => unknown;
  readonly schema: string;
  purls(document: Loose): string[];
}
const KINDS: Readonly<Record<string, Kind>> = {
  'CycloneDX 1.6': {
    documents: cyclonedx,
    merge: mergeCyclonedx,
    schema: FOREIGN_SCHEMAS.cyclonedx,
    purls: ({ components = [] }) =>
      components.flatMap((one: Loose) => [
        ...(one.purl ? [one.purl] : []),
        ...KINDS['CycloneDX 1.6']!.purls(one),
      ]),
  },
  'SPDX 2.3': {
    documents: spdx,
    merge: mergeSpdx,
    schema: FOREIGN_SCHEMAS.spdx,
    purls: ({ packages }) =>
      packages.flatMap((one: Loose) =>
        (one.externalRefs ?? []).map(({ referenceLocator }: Loose) => referenceLocator),
      ),
  },
};

/** What a merge promises, held against any function that claims to be one: undefined when all of it holds. */
function fault({ documents, merge, schema, purls }: Kind): string | undefined {
  const check = fc.check(
    fc.property(fc.array(documents, { minLength: 1, maxLength: 4 }), fc.nat(), (all, seed) => {
      const merged = merge('source', all) as Loose;
      expect(validator.check(schema, merged)).toBeUndefined();
      const shuffled = [...all.slice(seed % all.length), ...all.slice(0, seed % all.length)].reverse();
      expect(merge('source', shuffled)).toEqual(merged);
      const expected = [...new Set(all.flatMap(purls))].sort();
      expect(purls(merged).sort()).toEqual(expected);
      expect(merge('source', [merged])).toEqual(merged);
      expect(merge('source', [merged, merged])).toEqual(merged);
      expect(merge('source', [...all, ...all])).toEqual(merged);
    }),
    { numRuns: 150 },
  );
  return check.failed ? String(check.errorInstance ?? check.counterexample) : undefined;
}

describe.each(Object.entries(KINDS))('a merge to %s', (_, kind) => {
  it('is valid, has every purl once, and neither order nor doing it again changes it', () => {
    expect(fault(kind)).toBeUndefined();
  });

  it.each<[string, (merged: Loose, documents: readonly Loose[]) => Loose]>([
    ['loses the last entry', (merged) => ({ ...merged, ...without(merged) })],
    [
      'keeps the order of its documents',
      (merged, documents) => ({
        ...merged,
        serialNumber: undefined,
        name: kind.purls(documents[0]).join() || 'x',
      }),
    ],
    ['breaks the schema', (merged) => ({ ...merged, dataLicense: 5, specVersion: 5 })],
  ])('the check bites where one %s', (__, spoil) => {
    const merge = (target: string, all: readonly unknown[]) => spoil(kind.merge(target, all), all);
    expect(fault({ ...kind, merge })).toEqual(expect.any(String));
  });

  it('takes anything for a document, throws at nothing and is valid all the same', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), kind.documents), { maxLength: 3 }), (all) => {
        expect(validator.check(kind.schema, kind.merge('source', all))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

function without(merged: Loose): Loose {
  const key = 'components' in merged ? 'components' : 'packages';
  return { [key]: merged[key].slice(0, -1) };
}

describe('two producers of one target', () => {
  const one = {
    metadata: { component: { 'bom-ref': 'me', type: 'file', name: '.' } },
    components: [
      {
        type: 'library',
        'bom-ref': 'a',
        name: 'flask',
        version: '1',
        purl: 'pkg:pypi/flask@1',
        licenses: [{ license: { id: 'BSD-3-Clause' } }],
      },
    ],
    dependencies: [{ ref: 'me', dependsOn: ['a'] }],
  };
  const two = {
    components: [
      {
        type: 'library',
        'bom-ref': 'x',
        name: 'Flask',
        version: '1',
        purl: 'pkg:pypi/flask@1',
        licenses: [{ expression: 'BSD-3-Clause OR MIT' }],
        cpe: 'cpe:2.3:a:x:flask:1:*:*:*:*:*:*:*',
      },
      { type: 'library', 'bom-ref': 'y', name: 'jinja2', version: '3', purl: 'pkg:pypi/jinja2@3' },
    ],
    dependencies: [{ ref: 'x', dependsOn: ['y'] }],
  };

  it('give one component with what both say, and the edges of both between the new names', () => {
    const merged = mergeCyclonedx('source', [two, one]) as Loose;
    expect(merged.components).toEqual([
      {
        type: 'library',
        'bom-ref': 'pkg:pypi/flask@1',
        name: 'Flask',
        version: '1',
        licenses: [{ license: { id: 'BSD-3-Clause' } }, { license: { name: 'BSD-3-Clause OR MIT' } }],
        cpe: 'cpe:2.3:a:x:flask:1:*:*:*:*:*:*:*',
        purl: 'pkg:pypi/flask@1',
      },
      {
        type: 'library',
        'bom-ref': 'pkg:pypi/jinja2@3',
        name: 'jinja2',
        version: '3',
        purl: 'pkg:pypi/jinja2@3',
      },
    ]);
    expect(merged.dependencies).toEqual([
      { ref: 'pkg:pypi/flask@1', dependsOn: ['pkg:pypi/jinja2@3'] },
      { ref: 'target:source', dependsOn: ['pkg:pypi/flask@1'] },
    ]);
    // The licence policy reads the same from the merge as from the two.
    const read = (...documents: unknown[]) =>
      sbomComponents(documents.map((document) => JSON.stringify(document)));
    expect(read(merged).map(({ purl, licenses }) => [purl, licenses])).toEqual(
      read(two, one).map(({ purl, licenses }) => [purl, licenses]),
    );
  });

  it('of SPDX: a licence name with two texts becomes two names', () => {
    const own = (extractedText: string, locator: string) => ({
      packages: [
        {
          SPDXID: 'SPDXRef-1',
          name: locator,
          downloadLocation: 'NONE',
          licenseDeclared: 'MIT OR LicenseRef-own',
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: locator },
          ],
        },
      ],
      hasExtractedLicensingInfos: [{ licenseId: 'LicenseRef-own', extractedText }],
    });
    const merged = mergeSpdx('source', [own('one', 'pkg:a/a@1'), own('two', 'pkg:b/b@1')]) as Loose;
    const ids = merged.hasExtractedLicensingInfos.map(({ licenseId }: Loose) => licenseId);
    expect(new Set(ids).size).toBe(2);
    expect(merged.packages.map(({ licenseDeclared }: Loose) => licenseDeclared).sort()).toEqual(
      ids.map((id: string) => `MIT OR ${id}`).sort(),
    );
  });
});

describe('a run with two producers of its source', () => {
  it('has the merge below sbom/, each own document below reports/, and verifies', async () => {
    const bom = (purl: string) =>
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.4',
        components: [{ type: 'library', name: purl.slice(10, -2), version: '1', purl }],
      });
    const own = (file: string) => ({
      command: ['cat', file],
      report: 'cyclonedx',
      category: 'sca',
      inputs: ['*.json'],
    });
    const world = customWorld(
      manifestOf({
        tools: { custom: { first: own('a.json'), second: own('b.json') } },
        profiles: { own: { tools: { enable: ['first', 'second'] } } },
      }),
    );
    try {
      world.write('a.json', bom('pkg:pypi/flask@1'));
      world.write('b.json', bom('pkg:pypi/jinja@1'));
      const { scan, diagnostics } = await world.scan();
      if (scan === undefined) throw new Error(JSON.stringify(diagnostics));
      expect(scan.verdict.outcome).toBe('pass');
      const merged = JSON.parse(readFileSync(join(scan.bundleDir, 'sbom/source.cdx.json'), 'utf8'));
      expect(KINDS['CycloneDX 1.6']?.purls(merged)).toEqual(['pkg:pypi/flask@1', 'pkg:pypi/jinja@1']);
      expect(validator.check(FOREIGN_SCHEMAS.cyclonedx, merged)).toBeUndefined();
      const paths = scan.summary.artifacts
        .map(({ path }) => path)
        .filter((path) => path.endsWith('.cdx.json'));
      expect(paths).toEqual([
        'reports/sca/first.cyclonedx.raw.cdx.json',
        'reports/sca/second.cyclonedx.raw.cdx.json',
        'sbom/source.cdx.json',
      ]);
      expect(scan.summary.sbom).toMatchObject({ packages: 2 });
      const verified = await verifyBundle({ cwd: world.root, bundle: scan.bundleDir });
      expect(verified.ok && verified.value.failures).toEqual([]);
    } finally {
      world.dispose();
    }
  });

  it('moves the document of one that had the place for itself', () => {
    const stage = (id: string, publishAs: string) => ({
      result: {
        stage: id,
        state: 'done',
        category: 'sca',
        tool: id,
        target: 'web',
        artifacts: [{ output: 'cyclonedx', publishAs }],
      },
      planned: { id, kind: 'sbom', outputSpecs: [{ name: 'cyclonedx', type: 'cyclonedx' }] },
    });
    const both = [stage('syft', 'sbom/web.cdx.json'), stage('other', 'reports/sca/other.web.raw.cdx.json')];
    const place = (some: typeof both) =>
      placeSboms(
        { stages: some.map(({ planned }) => planned) } as Loose,
        some.map(({ result }) => result) as Loose,
      );
    const { results, merges } = place(both);
    expect((results as Loose).map((result: Loose) => result.artifacts[0].publishAs)).toEqual([
      'reports/sca/syft.web.own.cdx.json',
      'reports/sca/other.web.raw.cdx.json',
    ]);
    expect(merges).toMatchObject([{ target: 'web', path: 'sbom/web.cdx.json', from: [{}, {}] }]);
    // Alone it stays as it is.
    expect(place(both.slice(0, 1))).toEqual({ results: [both[0]?.result], merges: [] });
  });
});
