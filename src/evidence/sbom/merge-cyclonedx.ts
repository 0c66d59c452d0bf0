import parseExpression from 'spdx-expression-parse';
import { byCodeUnit } from '../../core/canonical.ts';
import {
  type CyclonedxComponent,
  type CyclonedxDocument,
  type CyclonedxLicense,
  readCyclonedxDocument,
} from './cyclonedx-document.ts';
import { grouped, pick, present, union, uuidOfContent } from './merge-values.ts';

/**
 * One CycloneDX 1.6 document of everything that several list of one target: a component for each purl (else for each
 * type, group, name and version) with all that any of them says of it. The order of the documents does not matter, and
 * a merge merged again is itself. Vulnerabilities and services stay in the producers' own documents.
 */
export function mergeCyclonedx(target: string, documents: readonly unknown[]): unknown {
  const read = documents.map(readCyclonedxDocument);
  const root = `target:${target}`;
  const all = read.flatMap(({ components }) => components);
  const components = grouped(all, identity).map(([ref, same]) => joined(ref, same));
  const content = {
    version: 1,
    metadata: present({
      tools: { components: union(read.map(({ tools }) => tools.map(present))) },
      component: { type: 'application', 'bom-ref': root, name: target },
    }),
    components,
    dependencies: dependenciesOf(read, root, new Set(components.map((one) => one['bom-ref']))),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOfContent(content)}`,
    ...content,
  };
}

/** What tells components apart; becomes the merged one's `bom-ref`. The digest identifies a file, too. */
function identity({ purl, type, group, name, version, hashes }: CyclonedxComponent): string {
  if (purl !== undefined) return purl;
  const digests =
    type === 'file' ? hashes.map(({ alg, content }) => `${alg}:${content}`).sort(byCodeUnit) : [];
  return `component:${uuidOfContent([type, group ?? '', name, version ?? '', digests])}`;
}

function joined(ref: string, same: readonly CyclonedxComponent[]) {
  const one = <K extends keyof CyclonedxComponent>(key: K) => pick(same.map((component) => component[key]));
  // One that is required for anyone is required.
  const scopes = new Set(same.map(({ scope }) => scope ?? 'required'));
  const scope = (['required', 'optional', 'excluded'] as const).find((candidate) => scopes.has(candidate));
  return present({
    type: one('type'),
    'bom-ref': ref,
    author: one('author'),
    publisher: one('publisher'),
    group: one('group'),
    name: one('name'),
    version: one('version'),
    description: one('description'),
    scope:
      scope === 'required' && same.every((component) => component.scope === undefined) ? undefined : scope,
    hashes: union(same.map(({ hashes }) => hashes)),
    licenses: licensesOf(same.flatMap(({ licenses }) => licenses)),
    copyright: one('copyright'),
    cpe: one('cpe'),
    purl: one('purl'),
    externalReferences: union(same.map(({ externalReferences }) => externalReferences.map(present))),
    properties: union(same.map(({ properties }) => properties.map(present))),
  });
}

/** CycloneDX 1.6 allows one expression or any number of licences, not both: of several, expressions become names. */
function licensesOf(all: readonly CyclonedxLicense[]): readonly CyclonedxLicense[] {
  const known = union([
    all.map((choice) => ('expression' in choice ? choice : { license: named(choice.license) })),
  ]);
  if (known.length < 2) return known;
  return union([
    known.map((choice) =>
      'expression' in choice ? { license: named({ name: choice.expression }) } : choice,
    ),
  ]);
}

type License = Extract<CyclonedxLicense, { license: unknown }>['license'];

/** An id that SPDX does not list is a name; a name that it lists is an id. */
function named(license: License): License {
  const label = 'id' in license ? license.id : license.name;
  try {
    const parsed = parseExpression(label);
    if ('license' in parsed && parsed.license === label && !/^(LicenseRef|DocumentRef)-/.test(label))
      return { id: label };
  } catch {
    // No expression at all.
  }
  return { name: label };
}

function dependenciesOf(documents: readonly CyclonedxDocument[], root: string, known: ReadonlySet<string>) {
  const edges = documents.flatMap((document) => {
    const refs = new Map(
      document.components.flatMap((one) => {
        const ref = one['bom-ref'];
        return ref === undefined ? [] : [[ref, identity(one)] as const];
      }),
    );
    if (document.root !== undefined) refs.set(document.root, root);
    return document.dependencies.flatMap(({ ref, dependsOn }) => {
      const from = refs.get(ref);
      const to = dependsOn.flatMap((item) => refs.get(item) ?? []);
      return from === undefined || !(from === root || known.has(from)) ? [] : [{ ref: from, dependsOn: to }];
    });
  });
  return grouped(edges, ({ ref }) => ref).map(([ref, same]) =>
    present({ ref, dependsOn: union(same.map(({ dependsOn }) => dependsOn)).sort(byCodeUnit) }),
  );
}
