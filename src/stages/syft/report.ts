import * as z from 'zod';
import { sha256Hex } from '../../core/canonical.ts';
import type {
  Note,
  ParseContext,
  ParseOutcome,
  RawOutputs,
  ReportVariant,
  StageReport,
} from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** The schemas of Syft's three forms, as far as they are read. */
const syft = z.object({
  artifacts: z.array(z.object({ name: z.string() })),
  files: z
    .array(
      z.object({
        location: z.object({ path: z.string() }),
        metadata: z.object({ type: z.string() }).nullish(),
        unknowns: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
  descriptor: z.object({ name: z.literal('syft') }),
});

const cyclonedx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  components: z.array(z.object({ type: z.string() })).nullish(),
});

const spdx = z.object({
  spdxVersion: z.literal('SPDX-2.3'),
  packages: z.array(z.unknown()).nullish(),
});

/** What Syft says of a manifest that it understood and that declares nothing, such as an empty one. */
const NOTHING_DECLARED = ': unable to determine packages';

/** An SBOM has no findings; its own format tells which files Syft saw and which of them it did not understand. */
function readSyft(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const own = readJsonReport('syft', raw.syft, syft);
  if (!own.ok) return own;
  const bom = readJsonReport('cyclonedx', raw.cyclonedx, cyclonedx);
  if (!bom.ok) return bom;
  const document = readJsonReport('spdx', raw.spdx, spdx);
  if (!document.ok) return document;
  const components = (bom.value.components ?? []).filter(({ type }) => type !== 'file').length;
  const { artifacts, files } = own.value;
  if (artifacts.length > 0 && components === 0) {
    const detail = `no component, although the native format of Syft lists ${artifacts.length} packages`;
    return { ok: false, failure: { reason: 'report-schema', output: 'cyclonedx', detail } };
  }
  const notes: Note[] = [];
  const read = new Set<string>();
  for (const { location, metadata, unknowns = [] } of files ?? []) {
    if (metadata?.type === 'Directory') continue;
    const written = location.path.replace(/^\/+/, '');
    const path = context.relative(location.path) ?? context.relative(written);
    const reasons = (unknowns ?? []).filter((text) => !text.endsWith(NOTHING_DECLARED));
    if (reasons.length === 0) read.add(path ?? written);
    else {
      const message = `no packages read from it: ${oneLine(reasons.join('; '))}`;
      notes.push({ message, ...(path === undefined ? {} : { path }) });
    }
  }
  return {
    ok: true,
    findings: [],
    notes,
    examined: { count: read.size, unit: 'files', evidence: 'files[] without unknowns in the report `syft`' },
  };
}

/** Without the time; the serial number is made of the content (RFC 9562, version 8), so that equal trees give equal SBOMs. */
function sanitizeCyclonedx(text: string): string {
  return edited(text, (bom) => {
    const { serialNumber: _serial, metadata, ...rest } = bom;
    const { timestamp: _time, ...about } = asRecord(metadata);
    const components = Array.isArray(rest.components)
      ? { components: rest.components.flatMap(plainFile) }
      : {};
    const content = { ...rest, ...components, metadata: about };
    const { $schema, bomFormat, specVersion, ...body } = content as Record<string, unknown>;
    return { $schema, bomFormat, specVersion, serialNumber: `urn:uuid:${uuidOf(content)}`, ...body };
  });
}

/** Components that are files have absolute names: relative where the sandbox's folder shows, else left out. */
function plainFile(component: unknown): readonly unknown[] {
  const { type, name } = asRecord(component);
  if (type !== 'file' || typeof name !== 'string' || !name.startsWith('/')) return [component];
  return name.startsWith('/src/') ? [{ ...asRecord(component), name: name.slice('/src/'.length) }] : [];
}

/**
 * SPDX 2.3 requires a time and a unique namespace: the epoch, and one made of the content. Syft also lists the scanned
 * folder as a file without a name, which SPDX (clause 8.1) does not know.
 */
function sanitizeSpdx(text: string): string {
  return edited(text, (document) => {
    const { documentNamespace: given, creationInfo, ...all } = document;
    const files = Array.isArray(all.files) ? all.files : [];
    const rest =
      all.files === files ? { ...all, files: files.filter((file) => asRecord(file).fileName !== '') } : all;
    const base = typeof given === 'string' ? given.replace(/[^/]*$/, '') : 'https://anchore.com/syft/dir/';
    const content = { ...rest, creationInfo: { ...asRecord(creationInfo), created: '1970-01-01T00:00:00Z' } };
    return { ...content, documentNamespace: `${base}${uuidOf(content)}` };
  });
}

/** Without the configuration, which names folders of the machine, and without what the machine's file system decides. */
function sanitizeSyft(text: string): string {
  return edited(text, ({ descriptor, ...rest }) => {
    const { configuration: _configuration, timestamp: _time, ...about } = asRecord(descriptor);
    const files = Array.isArray(rest.files) ? { files: rest.files.map(plainMetadata) } : {};
    return { ...rest, ...files, descriptor: about };
  });
}

/** Modes and owners are the checkout's; the size of a folder is the file system's. */
function plainMetadata(file: unknown): unknown {
  const { metadata, ...rest } = asRecord(file);
  if (metadata === undefined) return rest;
  const { mode: _mode, userID: _user, groupID: _group, size, ...about } = asRecord(metadata);
  return { ...rest, metadata: about.type === 'Directory' ? about : { ...about, size } };
}

function edited(text: string, edit: (json: Record<string, unknown>) => unknown): string {
  return rewriteJson(text, (json) => edit(asRecord(json)));
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function uuidOf(content: unknown): string {
  const hex = sha256Hex(JSON.stringify(content));
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function packages(count: number) {
  return { findings: [], notes: [{ message: `${count} ${count === 1 ? 'package' : 'packages'}` }] };
}

/** An SBOM has no findings: each form of Syft is recognized by what it counts. */
const variants: readonly ReportVariant[] = [
  jsonVariant('Syft JSON', syft, ({ artifacts }) => packages(artifacts.length)),
  jsonVariant('CycloneDX', cyclonedx, ({ components }) =>
    packages((components ?? []).filter(({ type }) => type !== 'file').length),
  ),
  jsonVariant('SPDX', spdx, (document) => packages(document.packages?.length ?? 0)),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readSyft(raw, context),
  sanitize: (output, text) => {
    if (output === 'cyclonedx') return sanitizeCyclonedx(text);
    return output === 'spdx' ? sanitizeSpdx(text) : sanitizeSyft(text);
  },
};
