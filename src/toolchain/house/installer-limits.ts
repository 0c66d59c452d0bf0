import type { Failure } from '../../core/failure.ts';
import { LOCAL_LIMITS } from '../../executor/runtimes/local/sandbox/local-limits.ts';
import { watchStage } from '../../executor/runtimes/local/sandbox/stage-watch.ts';
import { type FolderLimits, SCRATCH_LIMITS } from '../../executor/runtimes/shared/held-limits.ts';
import { systemClock } from '../../io/clock.ts';
import type { ProgramOptions } from '../../io/run-program.ts';

/** What one installer program, or a build from source, may take of the machine. Bytes. */
export interface InstallerLimits {
  readonly memoryBytes: number;
  /** And threads, at the same time. */
  readonly processes: number;
  /** Of each folder that it writes to. */
  readonly folder: FolderLimits;
  readonly fileBytes: number;
}

export const INSTALLER_LIMITS: InstallerLimits = {
  /** Compiling a large Go program takes some GiB. */
  memoryBytes: 8 * 2 ** 30,
  processes: LOCAL_LIMITS.processes,
  folder: SCRATCH_LIMITS,
  fileBytes: 4 * 2 ** 30,
};

/** Arguments of `prlimit`. */
export function installerArgv({ fileBytes }: Pick<InstallerLimits, 'fileBytes'>): readonly string[] {
  return [`--fsize=${fileBytes}`, '--core=0'];
}

/** Holds what is started to the limits, as stages are held: by looking at its processes and folders again and again. */
export function holdInstaller(
  folders: readonly string[],
  { memoryBytes, processes, folder }: InstallerLimits,
): NonNullable<ProgramOptions['watch']> {
  return (pid, stop) => {
    const watched = folders.map((path) => ({ name: '/out', path, ...folder }) as const);
    const request = {
      ...{ clock: systemClock, pollMs: LOCAL_LIMITS.pollMs, memoryBytes, processes },
      folders: watched,
    };
    const watch = watchStage(pid, request, (failure) => stop(limitText(failure)));
    return async () => {
      const failure = await watch.end();
      return failure === undefined ? undefined : limitText(failure);
    };
  };
}

/** What an installer took too much of; others than limits do not come from a watch. */
function limitText(failure: Failure): string {
  switch (failure.reason) {
    case 'memory':
      return `killed: an installer may use ${failure.limitBytes / 2 ** 30} GiB of memory`;
    case 'process-limit':
      return `killed: an installer may have ${failure.limit} processes and threads at the same time`;
    case 'file-limit':
      return `killed: an installer may write ${failure.limit} files`;
    case 'disk-limit':
      return `killed: an installer may write ${failure.limitBytes / 2 ** 30} GiB`;
    default:
      return `killed: ${failure.reason}`;
  }
}
