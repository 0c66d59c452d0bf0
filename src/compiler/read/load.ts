import { digestOfJson } from '../../core/canonical.ts';
import type { Place } from '../../core/diagnostic.ts';
import type { Digest } from '../../core/ids.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import type { Manifest } from '../manifest.gen.ts';
import { validate } from '../validate/validate.ts';
import { parseSource } from './parse-source.ts';
import { type ReadRequest, readManifest } from './read.ts';

/** A manifest that was read and holds against the schema. */
export interface LoadedManifest {
  /** Relative to the workspace; absent for the built-in manifest. */
  readonly file?: string;
  /** Absolute, symbolic links resolved. */
  readonly workspace: string;
  readonly manifest: Manifest;
  /** sha256 of the manifest's canonical JSON: the same in JSON, YAML and CUE. */
  readonly digest: Digest;
  /** Where the value at a JSON pointer is written. */
  place(pointer: string): Place | undefined;
  /** Where the key that holds it is written. */
  keyPlace(pointer: string): Place | undefined;
}

/** Finds, reads, parses and validates the manifest; every fault of the first step that has one is reported. */
export async function loadManifest(request: ReadRequest): Promise<Outcome<LoadedManifest>> {
  const source = readManifest(request);
  if (!source.ok) return source;
  const { file, workspace, language, text } = source.value;
  const tree = await parseSource(language, file, text);
  if (!tree.ok) return tree;
  const manifest = validate(tree.value);
  if (!manifest.ok) return manifest;
  return success({
    file,
    workspace,
    manifest: manifest.value,
    digest: digestOfJson(manifest.value),
    place: tree.value.place,
    keyPlace: tree.value.keyPlace,
  });
}

/** The manifest of a workspace that has none. */
export function builtInManifest(workspace: string): LoadedManifest {
  const manifest: Manifest = { apiVersion: 'secplan/v1', metadata: { name: 'workspace' } };
  return {
    workspace,
    manifest,
    digest: digestOfJson(manifest),
    place: () => undefined,
    keyPlace: () => undefined,
  };
}
