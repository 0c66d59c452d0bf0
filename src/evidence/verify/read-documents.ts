import { scanJson } from '../../compiler/read/scan-json.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { type ArtifactValidator, schemaOf } from '../golden/validate-artifact.ts';
import type { BundleFiles } from './read-safely.ts';

/** What the documents of a bundle are, as far as they could be read. */
export interface DocumentsRead {
  /** By name, of the documents at the top of the bundle that hold to their schemas. */
  readonly documents: ReadonlyMap<string, unknown>;
  /** SP6010 of what could not be read, SP6012 of what is not JSON or violates its schema. */
  readonly failures: readonly Diagnostic[];
  /** What violates a schema and may, because a tool wrote it. */
  readonly notes: readonly string[];
}

/** One document: at most one of these is there. */
interface DocumentRead {
  readonly value?: unknown;
  readonly failure?: Diagnostic;
  readonly note?: string;
}

/** Bills of materials are as their tools wrote them; the statement vouches for the bytes, not for the tool's form. */
const TOOLS_OWN = /^sbom\//;

/** Reads every document of a bundle and holds it against its schema. */
export async function readDocuments(
  bundle: BundleFiles,
  validator: ArtifactValidator,
): Promise<DocumentsRead> {
  const documents = new Map<string, unknown>();
  const failures: Diagnostic[] = [];
  const notes: string[] = [];
  for (const path of bundle.files.keys()) {
    if (!/\.(json|sarif|link)$/.test(path)) continue;
    const read = readDocument(path, await bundle.bytesOf(path), validator);
    if (read.failure !== undefined) failures.push(read.failure);
    if (read.note !== undefined) notes.push(read.note);
    if ('value' in read && !path.includes('/')) documents.set(path, read.value);
  }
  return { documents, failures, notes };
}

function readDocument(path: string, bytes: Buffer | undefined, validator: ArtifactValidator): DocumentRead {
  if (bytes === undefined) {
    return { failure: diagnostic('SP6010', `${path} is too large, or changed while secplan read it`) };
  }
  // A tool's own report is what the tool left: its form is not the bundle's promise.
  const own = !path.endsWith('.raw.json') && !path.endsWith('.raw.sarif');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return own ? { failure: diagnostic('SP6012', `${path} is not JSON`) } : {};
  }
  const schema = schemaOf(path, value);
  // Two readers of a key that stands twice may read different values; nesting without end ends a reader.
  const [first] = own && schema !== null && !TOOLS_OWN.test(path) ? scanJson(text) : [];
  if (first !== undefined)
    return { failure: diagnostic('SP6012', `${path}: ${first.message.slice(0, 300)}`) };
  const fault = schema === null || !own ? undefined : validator.check(schema, value);
  if (fault === undefined) return { value };
  if (TOOLS_OWN.test(path)) {
    return { note: `${path} violates its schema (${fault.slice(0, 200)}), as its tool left it` };
  }
  return { failure: diagnostic('SP6012', `${path}: ${fault.slice(0, 300)}`) };
}
