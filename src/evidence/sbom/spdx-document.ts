import * as z from 'zod';
import { listOf, optional, text, word } from './read-parts.ts';

const ALGORITHMS = [
  ...(['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA3-256', 'SHA3-384', 'SHA3-512'] as const),
  ...([
    'BLAKE2b-256',
    'BLAKE2b-384',
    'BLAKE2b-512',
    'BLAKE3',
    'MD2',
    'MD4',
    'MD5',
    'MD6',
    'ADLER32',
  ] as const),
] as const;
const CATEGORIES = [
  ...(['SECURITY', 'PACKAGE-MANAGER', 'PACKAGE_MANAGER', 'PERSISTENT-ID', 'PERSISTENT_ID', 'OTHER'] as const),
] as const;
const PURPOSES = [
  ...(['APPLICATION', 'FRAMEWORK', 'LIBRARY', 'CONTAINER', 'OPERATING-SYSTEM', 'OPERATING_SYSTEM'] as const),
  ...(['DEVICE', 'FIRMWARE', 'SOURCE', 'ARCHIVE', 'FILE', 'INSTALL', 'OTHER'] as const),
] as const;

const elementId = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const checksum = z.object({
  algorithm: z.enum(ALGORITHMS),
  checksumValue: z.string().regex(/^[0-9a-fA-F]{8,}$/),
});
const party = text.regex(/^((Person|Organization): .+|NOASSERTION)$/);

const spdxPackage = z.object({
  SPDXID: optional(elementId),
  name: word,
  versionInfo: optional(text),
  supplier: optional(party),
  originator: optional(party),
  downloadLocation: text.regex(/^(NONE|NOASSERTION|[A-Za-z][A-Za-z0-9+.-]*:\S+)$/).catch('NOASSERTION'),
  checksums: listOf(checksum),
  homepage: optional(text),
  sourceInfo: optional(text),
  licenseConcluded: optional(word),
  licenseDeclared: optional(word),
  copyrightText: optional(text),
  description: optional(text),
  externalRefs: listOf(
    z.object({
      referenceCategory: z.enum(CATEGORIES),
      referenceType: word,
      referenceLocator: text.regex(/^\S+$/),
      comment: optional(text),
    }),
  ),
  primaryPackagePurpose: optional(z.enum(PURPOSES)),
});
const file = z.object({
  SPDXID: optional(elementId),
  fileName: word,
  checksums: listOf(checksum).refine((all) => all.some(({ algorithm }) => algorithm === 'SHA1')),
  licenseConcluded: optional(word),
  copyrightText: optional(text),
});
const relationship = z.object({
  spdxElementId: word,
  relatedSpdxElement: word,
  relationshipType: z.string().regex(/^[A-Z][A-Z_]+$/),
  comment: optional(text),
});
const extracted = z.object({
  licenseId: z.string().regex(/^LicenseRef-[A-Za-z0-9.-]+$/),
  extractedText: text,
  name: optional(text),
});

const document = z.object({
  creationInfo: z
    .object({ creators: listOf(text.regex(/^(Person|Organization|Tool): .+/)) })
    .catch({ creators: [] }),
  packages: listOf(spdxPackage),
  files: listOf(file),
  relationships: listOf(relationship),
  hasExtractedLicensingInfos: listOf(extracted),
});

export type SpdxPackage = z.infer<typeof spdxPackage>;
export type SpdxFile = z.infer<typeof file>;
/** An SPDX 2 document as far as a merge reads it. */
export type SpdxDocument = z.infer<typeof document>;

export function readSpdxDocument(value: unknown): SpdxDocument {
  const read = document.safeParse(value);
  return read.success ? read.data : document.parse({});
}
