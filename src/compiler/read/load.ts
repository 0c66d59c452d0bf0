import { digestOf, digestOfJson } from '../../core/canonical.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Digest } from '../../core/ids.ts';
import { failed, failedWith, type Outcome, type PartialOutcome, success } from '../../core/outcome.ts';
import type { Manifest } from '../manifest.gen.ts';
import type { ResolvableManifest } from '../model/resolvable-manifest.ts';
import { withSourceLines } from '../source/source-lines.ts';
import { repair } from '../validate/repair.ts';
import { validate } from '../validate/validate.ts';
import { parseSource } from './parse-source.ts';
import { type ManifestSource, type ReadRequest, readManifest } from './read.ts';

/** A file that a manifest was read from; its path is relative to the workspace. */
export interface ManifestFile {
  readonly path: string;
  readonly digest: Digest;
}

/** A manifest that was read and holds against the schema. */
export interface LoadedManifest extends ResolvableManifest {
  /** Relative to the workspace; absent for the built-in manifest. */
  readonly manifestPath?: string;
  /** Absolute, symbolic links resolved. */
  readonly workspace: string;
  /** Every file that it was read from, the manifest first: a CUE package may have several. */
  readonly sources: readonly ManifestFile[];
  readonly manifest: Manifest;
  /** sha256 of the manifest's canonical JSON: the same in JSON, YAML and CUE. */
  readonly digest: Digest;
  /** The same diagnostics, each about the manifest with the line that it is about. */
  withLines(diagnostics: readonly Diagnostic[]): readonly Diagnostic[];
}

/**
 * Finds, reads, parses and validates the manifest. Every fault of the first step that has one is reported; where that is the
 * schema, what it leaves of the manifest is there to find further errors in.
 */
export async function loadManifest(request: ReadRequest): Promise<PartialOutcome<LoadedManifest>> {
  const source = readManifest(request);
  if (!source.ok) return source;
  const { manifestPath, workspace, language, text } = source.value;
  const texts = language === 'cue' ? await cueTexts(source.value) : success({ [manifestPath]: text });
  if (!texts.ok) return texts;
  const sources = Object.entries(texts.value).map(([path, content]) => ({ path, digest: digestOf(content) }));
  const parsed =
    language === 'cue'
      ? await (await import('./parse-cue.ts')).parseCue(manifestPath, texts.value)
      : await parseSource(language, manifestPath, text);
  if (!parsed.ok) return failed(withSourceLines(parsed.diagnostics, manifestPath, text));
  const tree = parsed.value;
  const withLines = (diagnostics: readonly Diagnostic[]) =>
    withSourceLines(diagnostics, manifestPath, text, tree);
  const valid = validate(tree);
  const { place, keyPlace } = tree;
  if (valid.ok) {
    const manifest = valid.value;
    return success({
      manifestPath,
      workspace,
      sources,
      manifest,
      digest: digestOfJson(manifest),
      place,
      keyPlace,
      withLines,
    });
  }
  const diagnostics = withLines(valid.diagnostics);
  const repaired = repair(tree.value);
  if (repaired === undefined) return failed(diagnostics);
  const { manifest, original } = repaired;
  return failedWith(diagnostics, {
    manifestPath,
    workspace,
    sources,
    manifest,
    digest: digestOfJson(manifest),
    place: (pointer) => place(original(pointer)),
    keyPlace: (pointer) => keyPlace(original(pointer)),
    withLines,
    repaired,
  });
}

async function cueTexts({
  workspace,
  manifestPath,
  text,
}: ManifestSource): Promise<Outcome<Readonly<Record<string, string>>>> {
  return (await import('./cue-package.ts')).readCuePackage(workspace, manifestPath, text);
}

/** Whether none was named and none is there, so that the built-in one can stand in. */
export function isAbsent(
  loading: PartialOutcome<LoadedManifest>,
  { manifestPath }: Pick<ReadRequest, 'manifestPath'>,
): boolean {
  return (
    !loading.ok && manifestPath === undefined && loading.diagnostics.every(({ code }) => code === 'SP1001')
  );
}

/** The manifest of a workspace that has none. */
export function builtInManifest(workspace: string): LoadedManifest {
  const manifest: Manifest = { apiVersion: 'secplan/v1', metadata: { name: 'workspace' } };
  return {
    workspace,
    sources: [],
    manifest,
    digest: digestOfJson(manifest),
    place: () => undefined,
    keyPlace: () => undefined,
    withLines: (diagnostics) => diagnostics,
  };
}
