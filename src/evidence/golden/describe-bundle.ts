import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit, sha256Hex } from '../../core/canonical.ts';
import type { Summary } from '../bundle/summary.ts';
import type { GoldenEntry, GoldenFile } from './golden-file.ts';
import { layoutJson } from './layout-json.ts';
import { normalize } from './normalize.ts';
import { type ArtifactValidator, schemaOf } from './validate-artifact.ts';

/** Normalised files up to this size are kept beside golden.json, so that a difference can be shown and not only told. */
const KEEP_BYTES = 32 * 1024;
/** The one report that every finding is in is kept at a larger size, too: the others repeat it. */
const KEEP_FINDINGS_BYTES = 1024 * 1024;

export interface DescribedBundle {
  readonly golden: GoldenFile;
  /** Normalised text of the small JSON and text files, by path; JSON laid out for reading. */
  readonly small: ReadonlyMap<string, string>;
  /** `path: what is wrong` for documents that break their schema. */
  readonly invalid: readonly string[];
}

/** What a golden says of a bundle: every file but logs, hashed after normalisation. @throws the file system's errors */
export async function describeBundle(
  dir: string,
  name: string,
  summary: Summary,
  validator: ArtifactValidator,
): Promise<DescribedBundle> {
  const media = new Map(summary.artifacts.map((artifact) => [artifact.path, artifact.mediaType]));
  const artifacts: GoldenEntry[] = [];
  const small = new Map<string, string>();
  const invalid: string[] = [];
  for (const path of await filesBelow(dir)) {
    const mediaType = media.get(path) ?? (path.endsWith('.json') ? 'application/json' : 'text/plain');
    const text = await readFile(join(dir, path), 'utf8');
    const normal = normalize(path, mediaType, text);
    if (normal.kind === 'left-out') continue;
    const { schema, fault } = held(path, text, validator);
    if (fault !== undefined) invalid.push(`${path}: ${fault}`);
    if (normal.kind === 'presence') {
      artifacts.push({ path, mediaType, schema, sha256: null });
      continue;
    }
    artifacts.push({ path, mediaType, schema, sha256: sha256Hex(normal.text) });
    if (normal.text.length > (path === 'findings.sarif' ? KEEP_FINDINGS_BYTES : KEEP_BYTES)) continue;
    small.set(path, normal.kind === 'json' ? layoutJson(normal.value) : normal.text);
  }
  const tools = Object.fromEntries(
    summary.tools.map((tool) => [tool.stage, `${tool.name} ${tool.version ?? 'unknown'}`]),
  );
  return {
    golden: {
      schema: 'https://secplan.dev/schema/golden/v1',
      name,
      profile: summary.profile,
      tools,
      artifacts,
    },
    small,
    invalid,
  };
}

/** The schema that a document names or has by its place, and how it breaks it. A scanner's own report is the scanner's. */
function held(
  path: string,
  text: string,
  validator: ArtifactValidator,
): { readonly schema: string | null; readonly fault?: string | undefined } {
  if (!/\.(json|sarif)$/.test(path)) return { schema: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { schema: null, fault: /\.raw\.\w+$/.test(path) ? undefined : '/ is not JSON, or is truncated' };
  }
  const schema = schemaOf(path, value);
  return { schema, fault: schema === null ? undefined : validator.check(schema, value) };
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort(byCodeUnit);
}
