import { byCodeUnit } from '../../core/canonical.ts';
import { grouped, pick, present, union, uuidOfContent } from './merge-values.ts';
import { readSpdxDocument, type SpdxDocument, type SpdxFile, type SpdxPackage } from './spdx-document.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
/** Says nothing, where another says something. */
const UNSAID: ReadonlySet<string> = new Set(['NOASSERTION', 'NONE']);

/**
 * One SPDX 2.3 document of everything that several list of one target: a package for each purl (else for each name and
 * version). The order of the documents does not matter, and a merge merged again is itself. Which files a package was
 * made of, snippets and annotations stay in the producers' own documents.
 */
export function mergeSpdx(target: string, documents: readonly unknown[]): unknown {
  const read = withoutClashes(documents.map(readSpdxDocument));
  const listed = read.flatMap((one) => one.packages);
  const packages = grouped(listed.length === 0 ? [theTarget(target)] : listed, packageId).map(([id, same]) =>
    joinedPackage(id, same),
  );
  const files = grouped(
    read.flatMap((one) => one.files),
    fileId,
  ).map(([id, same]) => joinedFile(id, same));
  const relationships = union([
    ...read.map(renamedRelationships),
    // A document says what it describes.
    read.some(describes) ? [] : packages.map(({ SPDXID }) => described(SPDXID)),
  ]);
  const creators = union([...read.map(({ creationInfo }) => creationInfo.creators), ['Tool: secplan']]);
  const content = present({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: target,
    // SPDX requires a time; of equal inputs the merge is equal.
    creationInfo: { created: '1970-01-01T00:00:00Z', creators },
    files,
    hasExtractedLicensingInfos: union(
      read.map(({ hasExtractedLicensingInfos }) => hasExtractedLicensingInfos.map(present)),
    ),
  });
  const whole = { ...content, packages, relationships };
  return { ...whole, documentNamespace: `https://secplan.dev/spdx/${uuidOfContent(whole)}` };
}

/** SPDX wants a package at least: without any it is what was looked at. */
function theTarget(name: string): SpdxPackage {
  return { name, downloadLocation: 'NOASSERTION', checksums: [], externalRefs: [] };
}

function purlOf({ externalRefs }: SpdxPackage): string | undefined {
  const purls = externalRefs.filter(({ referenceType }) => referenceType === 'purl');
  return purls.map(({ referenceLocator }) => referenceLocator).sort(byCodeUnit)[0];
}

function packageId(one: SpdxPackage): string {
  return `SPDXRef-Package-${uuidOfContent(purlOf(one) ?? [one.name, one.versionInfo ?? ''])}`;
}

function fileId({ fileName, checksums }: SpdxFile): string {
  const sums = checksums
    .filter(({ algorithm }) => algorithm === 'SHA1')
    .map(({ checksumValue }) => checksumValue);
  return `SPDXRef-File-${uuidOfContent([fileName, sums.sort(byCodeUnit)])}`;
}

function joinedPackage(id: string, same: readonly SpdxPackage[]) {
  const one = <K extends keyof SpdxPackage>(key: K) => said(same.map((item) => item[key]));
  return present({
    SPDXID: id,
    name: one('name'),
    versionInfo: one('versionInfo'),
    supplier: one('supplier'),
    originator: one('originator'),
    downloadLocation: one('downloadLocation'),
    filesAnalyzed: false,
    checksums: union(same.map(({ checksums }) => checksums)),
    homepage: one('homepage'),
    sourceInfo: one('sourceInfo'),
    licenseConcluded: every(same.map(({ licenseConcluded }) => licenseConcluded)),
    licenseDeclared: every(same.map(({ licenseDeclared }) => licenseDeclared)),
    copyrightText: one('copyrightText'),
    description: one('description'),
    externalRefs: union(same.map(({ externalRefs }) => externalRefs.map(present))),
    primaryPackagePurpose: one('primaryPackagePurpose'),
  });
}

function joinedFile(id: string, same: readonly SpdxFile[]) {
  return present({
    SPDXID: id,
    fileName: same[0]?.fileName,
    checksums: union(same.map(({ checksums }) => checksums)),
    licenseConcluded: every(same.map(({ licenseConcluded }) => licenseConcluded)),
    copyrightText: said(same.map(({ copyrightText }) => copyrightText)),
  });
}

function said<T>(values: readonly T[]): T | undefined {
  const given = values.filter((value) => !(typeof value === 'string' && UNSAID.has(value)));
  return pick<T>(given.every((value) => value === undefined) ? values : given);
}

/** Licences that several name all apply, as far as anyone knows. */
function every(values: readonly (string | undefined)[]): string | undefined {
  const given = [...new Set(values.filter((value) => value !== undefined && !UNSAID.has(value)))] as string[];
  if (given.length < 2) return given[0] ?? pick(values);
  return given
    .sort(byCodeUnit)
    .map((value) => (/\s/.test(value) ? `(${value})` : value))
    .join(' AND ');
}

function renamedRelationships(one: SpdxDocument) {
  const ids = new Map<string, string>([[DOCUMENT, DOCUMENT]]);
  for (const item of one.packages) if (item.SPDXID !== undefined) ids.set(item.SPDXID, packageId(item));
  for (const item of one.files) if (item.SPDXID !== undefined) ids.set(item.SPDXID, fileId(item));
  return one.relationships.flatMap(({ spdxElementId, relatedSpdxElement, relationshipType, comment }) => {
    const from = ids.get(spdxElementId);
    const to = UNSAID.has(relatedSpdxElement) ? relatedSpdxElement : ids.get(relatedSpdxElement);
    // Its files are not said to be analysed: a package that contains some would be a contradiction.
    const contradicts =
      relationshipType === 'CONTAINS' &&
      from?.startsWith('SPDXRef-Package-') &&
      to?.startsWith('SPDXRef-File-');
    if (from === undefined || to === undefined || contradicts) return [];
    return [present({ spdxElementId: from, relatedSpdxElement: to, relationshipType, comment })];
  });
}

function described(id: string | undefined) {
  return { spdxElementId: DOCUMENT, relatedSpdxElement: id ?? DOCUMENT, relationshipType: 'DESCRIBES' };
}

function describes(one: SpdxDocument): boolean {
  return renamedRelationships(one).some(({ relationshipType }) => relationshipType === 'DESCRIBES');
}

/** A `LicenseRef-` that documents give different texts gets the text's digest into its name, wherever it stands. */
function withoutClashes(documents: readonly SpdxDocument[]): readonly SpdxDocument[] {
  const texts = new Map<string, Set<string>>();
  for (const { hasExtractedLicensingInfos } of documents) {
    for (const { licenseId, extractedText } of hasExtractedLicensingInfos) {
      texts.set(licenseId, (texts.get(licenseId) ?? new Set()).add(extractedText));
    }
  }
  return documents.map((one) => {
    const renamed = new Map(
      one.hasExtractedLicensingInfos.flatMap(({ licenseId, extractedText }) =>
        (texts.get(licenseId)?.size ?? 0) < 2
          ? []
          : [[licenseId, `${licenseId}-${uuidOfContent(extractedText).slice(0, 8)}`] as const],
      ),
    );
    if (renamed.size === 0) return one;
    const expression = (text: string | undefined) =>
      text?.replace(/LicenseRef-[A-Za-z0-9.-]+/g, (id) => renamed.get(id) ?? id);
    const relicensed = <T extends SpdxPackage | SpdxFile>(item: T): T => ({
      ...item,
      licenseConcluded: expression(item.licenseConcluded),
      ...('licenseDeclared' in item ? { licenseDeclared: expression(item.licenseDeclared) } : {}),
    });
    return {
      ...one,
      packages: one.packages.map(relicensed),
      files: one.files.map(relicensed),
      hasExtractedLicensingInfos: one.hasExtractedLicensingInfos.map((item) => ({
        ...item,
        licenseId: renamed.get(item.licenseId) ?? item.licenseId,
      })),
    };
  });
}
