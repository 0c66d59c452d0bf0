import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { LockedKind } from '../../lock/lock-types.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { storeFull } from '../shared/store.ts';
import { removeTree } from '../shared/store-folders.ts';
import { MORE_HOSTS } from './installer-hosts.ts';
import { openInstallerHouse, type RunBuild, type RunInstaller } from './installer-house.ts';
import { SCRATCH } from './installer-view.ts';

/** What all installations of one caller have in common. */
export interface HouseOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sandboxed: boolean;
  /** Called where installers run as processes of this machine, with the reason. */
  readonly onOpen: (why: string) => void;
}

/** Does the work of one installation in a separate house. */
export type InHouse = <T extends object>(
  place: {
    readonly kind: LockedKind;
    /** The first is what is built in. */
    readonly written: readonly [string, ...string[]];
    /** Folder of downloads that were carried in: then there is no network. */
    readonly carried?: string | undefined;
  },
  work: (run: RunInstaller, build: RunBuild | undefined) => Promise<Attempt<T>>,
) => Promise<Attempt<T>>;

/** SP5011, for what `onOpen` is called with. */
export function openHouseDiagnostic(why: string): Diagnostic {
  return diagnostic('SP5011', `installers run without a sandbox: ${why}`);
}

/** `storeRoot` stands in what is said of a full file system: SP4008. */
export function housesFor(options: HouseOptions, storeRoot: string): InHouse {
  return async ({ kind, written, carried }, work) => {
    await using house = await openInstallerHouse({
      kind,
      written,
      shown: carried === undefined ? [] : [carried],
      network: carried === undefined,
      env: options.env,
      sandboxed: options.sandboxed,
    });
    if (house.open !== undefined) options.onOpen(house.open);
    const outcome = await work(house.run, house.build);
    await removeTree(join(written[0], SCRATCH));
    if (outcome.ok) return outcome;
    if (house.full()) return storeFull(storeRoot);
    const refused = house.refused();
    if (refused.length === 0) return outcome;
    const { code, detail } = outcome.problem;
    return refuse(
      code,
      `${detail}; it asked for ${refused.join(', ')}, which is no configured registry`,
      `If packages come from there, name the hosts in ${MORE_HOSTS}.`,
    );
  };
}
