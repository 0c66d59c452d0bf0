import * as z from 'zod';
import type { PlannedVex } from '../../compiler/model/model.ts';
import { digestOf } from '../../core/canonical.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { VexDocument } from '../../policy/vex.ts';
import { cyclonedxStatements, cyclonedxVex } from './read-cyclonedx-vex.ts';
import { readDocument, unusable } from './read-document.ts';
import { openVex, openVexStatements } from './read-openvex.ts';

const either = z.looseObject({ '@context': z.unknown().optional(), bomFormat: z.unknown().optional() });

/** A VEX document, OpenVEX or CycloneDX by what it calls itself; SP4010 for anything else. */
export function readVex({ path, expires }: PlannedVex, bytes: Uint8Array): Outcome<VexDocument> {
  const kind = readDocument(path, bytes, either);
  if (!kind.ok) return kind;
  const common = { path, digest: digestOf(bytes), ...(expires === undefined ? {} : { expires }) };
  if (kind.value['@context'] !== undefined) {
    const read = readDocument(path, bytes, openVex);
    if (!read.ok) return read;
    const { '@id': id = null, author = null } = read.value;
    return success({ ...common, format: 'openvex', id, author, statements: openVexStatements(read.value) });
  }
  if (kind.value.bomFormat === 'CycloneDX') {
    const read = readDocument(path, bytes, cyclonedxVex);
    if (!read.ok) return read;
    return success({
      ...common,
      format: 'cyclonedx',
      id: read.value.serialNumber ?? null,
      author: read.value.metadata?.authors?.[0]?.name ?? null,
      statements: cyclonedxStatements(read.value),
    });
  }
  return failed([unusable(path, 'neither OpenVEX nor CycloneDX')]);
}
