import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ajv, ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { MARKER } from '../../core/redaction/redaction-stream.ts';

/** As the redactor writes it. */
const MARKER_TEXT = MARKER.toString();

/** Schema ids of the documents of other projects that a bundle holds. */
export const FOREIGN_SCHEMAS = {
  sarif: 'https://json.schemastore.org/sarif-2.1.0.json',
  cyclonedx: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  spdx: 'https://spdx.org/schema/spdx-2.3',
} as const;

/**
 * The place in the bundle says which schema a document has: in-toto's and Sigstore's name none of ours, and what ours name is not to be
 * believed of a foreign bundle.
 */
const SCHEMAS_BY_PLACE: readonly (readonly [RegExp, string])[] = [
  [/^attestation\.intoto\.json$/, 'provenance-statement'],
  [/^attestation\.vsa\.intoto\.json$/, 'verdict-statement'],
  [/^attestation(\.vsa)?\.sigstore\.json$/, 'sigstore-bundle'],
  [/^attestation\.links\/[^/]+\.link$/, 'stage-link'],
  [/^attestation\.unsigned\.json$/, 'unsigned'],
  [/^gate-facts\.json$/, 'gate-facts'],
  [/^licenses\.json$/, 'licenses'],
  [/^manifest-info\.json$/, 'manifest-info'],
  [/^plan\.json$/, 'plan'],
  [/^summary\.json$/, 'summary'],
  [/^verdict\.json$/, 'verdict'],
];

/** Which schema a document of a bundle holds itself to; null for what has none. */
export function schemaOf(path: string, value: unknown): string | null {
  if (path.endsWith('.sarif')) return FOREIGN_SCHEMAS.sarif;
  // A scanner's own report is the scanner's, whatever it says of itself.
  if (/^reports\/.*\.raw\.json$/.test(path)) return null;
  // What a producer made for itself may be of an older version: the merge below sbom/ must match the schema.
  if (/^reports\/.*\.(cdx|spdx)\.json$/.test(path)) return null;
  if (path.endsWith('.cdx.json')) return FOREIGN_SCHEMAS.cyclonedx;
  if (path.endsWith('.spdx.json')) return FOREIGN_SCHEMAS.spdx;
  const placed = SCHEMAS_BY_PLACE.find(([pattern]) => pattern.test(path))?.[1];
  if (placed !== undefined) return `https://secplan.dev/schema/${placed}/v1`;
  const own = (value as { readonly schema?: unknown } | null)?.schema;
  return typeof own === 'string' && own.startsWith('https://secplan.dev/schema/') ? own : null;
}

/** Validates documents against their schemas; each schema is compiled once. */
export interface ArtifactValidator {
  /** Undefined when it holds; else the first errors in words, or that no schema of the id is at hand. */
  check(schema: string, value: unknown): string | undefined;
}

/** By package root. The schemas are the program's own files: within a process they do not change. */
const validators = new Map<string, Promise<ArtifactValidator>>();

/** `packageRoot` holds schema/ and dist/schemas/. One a process: compiling takes longer than all else of verifying. */
export function createArtifactValidator(packageRoot: string): Promise<ArtifactValidator> {
  const known = validators.get(packageRoot);
  if (known !== undefined) return known;
  const made = newValidator(packageRoot);
  validators.set(packageRoot, made);
  return made;
}

async function newValidator(packageRoot: string): Promise<ArtifactValidator> {
  const compilers = await newCompilers();
  const compiled = new Map<string, ValidateFunction | null>();
  return {
    check(id, value) {
      let validate = compiled.get(id);
      if (validate === undefined) {
        validate = compileSchema(id, packageRoot, compilers);
        compiled.set(id, validate);
      }
      if (validate === null) return `unknown schema ${id}`;
      if (validate(value)) return undefined;
      return (validate.errors ?? [])
        .map((error) => `${error.instancePath || '/'} ${error.message ?? error.keyword}`)
        .join('; ');
    },
  };
}

/** One for each dialect of JSON Schema that is in use. */
interface Compilers {
  readonly draft7: Ajv;
  readonly draft2020: Ajv2020;
}

async function newCompilers(): Promise<Compilers> {
  // By their default exports: bundled CommonJS has no named ones.
  const [ajv, ajv2020, formats] = await Promise.all([
    import('ajv'),
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
  ]);
  const options = { strict: false, allErrors: false, validateFormats: true, logger: false } as const;
  // Other projects' patterns are not all legal where `u` is set.
  const draft7 = new ajv.default.Ajv({ ...options, unicodeRegExp: false });
  const draft2020 = new ajv2020.default.Ajv2020(options);
  formats.default.default(draft7);
  formats.default.default(draft2020);
  // Formats that only name an internationalised form: checked as their plain ones would refuse legal values.
  for (const name of ['iri', 'iri-reference', 'idn-email']) draft7.addFormat(name, true);
  for (const compiler of [draft7, draft2020]) {
    for (const name of ['uri', 'uri-reference']) letMarkersThrough(compiler, name);
  }
  return { draft7, draft2020 };
}

/** A secret in an address or in a file's name leaves `[redacted]` there, whose brackets no URI has. */
function letMarkersThrough(compiler: Ajv | Ajv2020, name: string): void {
  const format = compiler.formats[name];
  const plain = format instanceof RegExp ? (text: string) => format.test(text) : format;
  if (typeof plain !== 'function') throw new Error(`no format ${name}`);
  compiler.addFormat(name, (text: string) => plain(text.replaceAll(MARKER_TEXT, 'redacted')) === true);
}

/** The compiled schema of an id; null where none is at hand. The build puts other projects' schemas into dist/schemas/. */
function compileSchema(id: string, packageRoot: string, compilers: Compilers): ValidateFunction | null {
  const { draft7, draft2020 } = compilers;
  const json = (...path: string[]): object =>
    JSON.parse(readFileSync(join(packageRoot, ...path), 'utf8')) as object;
  if (id === FOREIGN_SCHEMAS.sarif) {
    // Draft 4 in name only: no keyword of it means something else in draft 7.
    const {
      $schema: _,
      id: __,
      ...schema
    } = json('dist', 'schemas', 'sarif-2.1.0.json') as Record<string, unknown>;
    return draft7.compile(schema);
  }
  if (id === FOREIGN_SCHEMAS.cyclonedx) {
    for (const part of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
      // The published schema refers to its parts by the names of their files.
      const $id = `http://cyclonedx.org/schema/${part}.SNAPSHOT.schema.json`;
      draft7.addSchema({ ...json('dist', 'schemas', `cyclonedx-${part}.json`), $id });
    }
    return draft7.compile(json('dist', 'schemas', 'cyclonedx-bom-1.6.json'));
  }
  if (id === FOREIGN_SCHEMAS.spdx) return draft2020.compile(json('schema', 'spdx-2.3.schema.json'));
  const own = /^https:\/\/secplan\.dev\/schema\/([a-z-]+)\/v1$/.exec(id)?.[1];
  if (own === undefined) return null;
  try {
    return draft2020.compile(json('schema', `${own}.schema.json`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
