/** Versions that are known to be malicious: never fetched, never started. */
export interface RefusedVersions {
  /** Versions, or tags of an image, with or without a leading `v`. */
  readonly versions: readonly string[];
  /** The advisory, or who reported it. */
  readonly advisory: string;
}

/** Where a tool can come from. `name` is what a manifest writes in `tools.<id>.provider`. */
export interface Provider {
  readonly name: string;
  readonly runtime: 'local' | 'dagger';
  readonly kind: 'pypi' | 'npm' | 'go' | 'maven' | 'debian' | 'release' | 'path' | 'image';
  /** Package, module or image name without version; the version is the lock's. */
  readonly package: string;
  /** Executable that steps start. */
  readonly bin: string;
  /** The tool's name where it is not the stage's own, for example Semgrep standing in for Opengrep. Reported as such. */
  readonly standsInAs?: string;
  /** Set where the package is not published by the tool's own project: used only when the manifest names it. */
  readonly thirdParty?: string;
  /**
   * Go only: built inside a checked copy of its module, with the module's own go.mod and go.sum, where `go install`
   * cannot build it: it refuses modules that replace others, and leaves behind what lies beside the code.
   */
  readonly fromModule?: true;
  /** With `fromModule`: folders of the module that are kept beside the program, for example `assets/queries`. */
  readonly keep?: readonly string[];
  /**
   * PyPI: packages without a wheel that may be built from their source distribution, which runs code of theirs. In a
   * sandbox without network, else not at all; every other package comes as a wheel. PEP 503 normalised names.
   */
  readonly sourceBuilds?: readonly string[];
  readonly refused?: readonly RefusedVersions[];
}

/** Why a version of a provider is never used; undefined where nothing speaks against it. */
export function refusalOf(
  { refused = [] }: Pick<Provider, 'refused'>,
  version: string | null,
): string | undefined {
  if (version === null) return undefined;
  const plain = (text: string) => text.replace(/^v(?=\d)/, '');
  return refused.find(({ versions }) => versions.some((known) => plain(known) === plain(version)))?.advisory;
}

/** Kinds whose exact packages `tools lock` looks up by name; images only where they are asked for. */
export function isResolvable(kind: Provider['kind']): boolean {
  return kind === 'pypi' || kind === 'npm' || kind === 'go' || kind === 'debian';
}
