import type { Digest } from '../core/ids.ts';

/** One package of a resolved installation, with the hashes that the installer must check. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha256:<hex>` (PyPI), `sha512-<base64>` (npm), `h1:<base64>` (Go), `sha256:<hex>` (Debian, Maven, release). At least one. */
  readonly hashes: readonly string[];
}

/** What tools.lock.json pins for one provider of one tool. */
export interface LockedProvider {
  readonly kind: 'pypi' | 'npm' | 'go' | 'maven' | 'debian' | 'release' | 'image';
  readonly package: string;
  readonly version: string;
  /** sha256 of the canonical JSON of this entry without `digest`: the tool digest of plans and keys. */
  readonly digest: Digest;
  /** Everything that gets installed, the tool itself first; sorted by name after it. */
  readonly packages: readonly LockedPackage[];
  /** Python minor version, Go toolchain, Debian suite: what the packages were resolved for. */
  readonly platform?: Readonly<Record<string, string>>;
  /** `release` only: per `<os>-<arch>`. */
  readonly files?: Readonly<
    Record<string, { readonly url: string; readonly sha256: string; readonly member?: string }>
  >;
}

export interface ToolsLock {
  readonly schema: 'https://secplan.dev/schema/tools-lock/v1';
  /** Tool id, then provider name. */
  readonly tools: Readonly<Record<string, Readonly<Record<string, LockedProvider>>>>;
}
