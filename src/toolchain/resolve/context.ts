import type { LockedPackage } from '../../lock/lock-types.ts';
import type { RunBuild, RunInstaller } from '../house/installer-house.ts';
import type { Attempt } from '../shared/problem.ts';

export interface ResolveContext {
  /** Package, module or image name without version. */
  readonly package: string;
  /** Absent: the newest. */
  readonly version?: string;
  /** PyPI: packages that may be built from source. */
  readonly sourceBuilds?: readonly string[];
  /** Empty folder to work in. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string | null;
  /** Runs a program in the installers' sandbox, where there is one. */
  readonly run: RunInstaller;
  /** Runs a package's own code in a sandbox; undefined where there is none. */
  readonly build?: RunBuild | undefined;

  /** Host of the registry that images are looked up at, instead of the host in their name. */
  readonly mirror?: string;
  /** Maven: versions of what the package needs that go before those it names. */
  readonly held?: readonly Pick<LockedPackage, 'name' | 'version'>[];
  uv(): Promise<Attempt<{ path: string }>>;
}

export interface Resolution {
  readonly version: string;
  /** The tool itself first. */
  readonly packages: readonly LockedPackage[];
  /** PyPI: what builds the packages marked `source`. */
  readonly backends?: readonly LockedPackage[];
  readonly platform?: Readonly<Record<string, string>>;
}

export const RESOLVE_TIMEOUT_MS = 5 * 60 * 1000;
