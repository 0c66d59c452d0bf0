import type { LockedProvider } from '../../lock/lock-types.ts';
import type { RunBuild, RunInstaller } from '../house/installer-house.ts';
import type { Carried } from '../shared/carried.ts';
import type { Attempt } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';

/** What an installer is given. It writes below `dir` only. */
export interface InstallContext {
  readonly locked: LockedProvider;
  /** Executable that stages start. */
  readonly bin: string;
  /** Empty folder to build in. */
  readonly dir: string;
  /** Where `dir` will be when it is finished. */
  readonly finalDir: string;
  /** Environment for installer programs: PATH without the scanned tree, no interpreter settings of the caller's. */
  readonly env: Readonly<Record<string, string>>;
  /** Workspace, out of which nothing is ever started; null when there is none. */
  readonly workspace: string | null;
  /** Runs a program in the installers' sandbox, where there is one. */
  readonly run: RunInstaller;
  /** Runs a package's own code in a sandbox; undefined where there is none. */
  readonly build?: RunBuild | undefined;
  readonly signal?: AbortSignal;
  /** Downloads that were carried in: with them nothing is fetched. */
  readonly carried?: Carried;
  /** Given each download that was fetched and has the locked hash, to carry it elsewhere. Not by pypi and go. */
  readonly keep?: (path: string) => Promise<void>;
  /** Path of the uv program, fetched into the store first where the machine has none. */
  uv(): Promise<Attempt<{ path: string }>>;
  /** Path of a go program that can build the module, fetched into the store first where the machine's is too old. */
  go(): Promise<Attempt<{ path: string }>>;
}

export type Installer = (context: InstallContext) => Promise<Attempt<{ built: BuiltTool }>>;

/** Kill limit of one installer program, in milliseconds: building a large Go program takes minutes. */
export const INSTALL_TIMEOUT_MS = 15 * 60 * 1000;
