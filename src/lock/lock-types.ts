import type { Digest } from '../core/ids.ts';

/** One package of a resolved installation, with the hashes that the installer must check. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha256:<hex>` (PyPI), `sha512-<base64>` (npm), `h1:<base64>` (Go), `sha256:<hex>` (Debian, Maven, release). At least one. */
  readonly hashes: readonly string[];
  /** PyPI: environment marker (PEP 508) under which it is installed. */
  readonly marker?: string;
  /** PyPI: there is no wheel of it; it is built from its source distribution, in a sandbox without network. */
  readonly source?: true;
  /** npm: its folder in the tree, for example `node_modules/a/node_modules/b`. */
  readonly path?: string;
}

/** Kinds of installers; `image` belongs to the dagger runtime and is never installed here. */
export type LockedKind = 'pypi' | 'npm' | 'go' | 'maven' | 'debian' | 'release' | 'image';

/** What a project's own release has for one `<os>-<arch>`. */
export interface ReleaseFile {
  readonly url: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Path of the executable in an archive. Absent: the one member that has the executable's name; of a file that is no archive, the file. */
  readonly member?: string;
  /** How many independent sources publish this hash, where it was collected from such: one alone must be accepted by name. */
  readonly sources?: number;
}

/** What tools.lock.json pins for one provider of one tool. */
export interface LockedProvider {
  readonly kind: LockedKind;
  readonly package: string;
  readonly version: string;
  /** sha256 of the canonical JSON of this entry without `digest`: the tool digest of plans and keys. */
  readonly digest: Digest;
  /** Everything that gets installed, the tool itself first; sorted by name after it. */
  readonly packages: readonly LockedPackage[];
  /** PyPI: what builds the packages marked `source`. Not part of the installed tool. */
  readonly backends?: readonly LockedPackage[];
  /** Python minor version, Go toolchain, Debian suite: what the packages were resolved for. */
  readonly platform?: Readonly<Record<string, string>>;
  /** `release` only: per `<os>-<arch>` as Node names them, `any` for all. */
  readonly files?: Readonly<Record<string, ReleaseFile>>;
  /** `go` only: built inside a checked copy of its module, in place of by `go install`. */
  readonly fromModule?: true;
  /** With `fromModule`: folders of the module kept beside the program. The module's hash covers them. */
  readonly keep?: readonly string[];
}

export interface ToolsLock {
  readonly schema: 'https://secplan.dev/schema/tools-lock/v1';
  /** Tool id, then provider name. */
  readonly tools: Readonly<Record<string, Readonly<Record<string, LockedProvider>>>>;
  /** Programs that install tools and are fetched themselves where a machine lacks them (uv). */
  readonly installers?: Readonly<Record<string, LockedProvider>>;
  /** Images that belong to no one tool, by name: `base-image`, which the dagger runtime mounts installed tools into. */
  readonly images?: Readonly<Record<string, LockedProvider>>;
}

export const TOOLS_LOCK_SCHEMA = 'https://secplan.dev/schema/tools-lock/v1';
