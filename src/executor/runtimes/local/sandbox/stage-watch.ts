import { statSync } from 'node:fs';
import type { Failure, WrittenFolder } from '../../../../core/failure.ts';
import type { Clock } from '../../../../io/clock.ts';
import { folderUsage } from '../../../../io/folder-usage.ts';
import {
  memoryFolderBytes,
  namelessFileBytes,
  processTree,
  proportionalBytes,
  residentBytes,
  threadCount,
} from '../../../../io/process-tree.ts';

/** A folder of the machine that the stage's processes write to. */
export interface WatchedFolder {
  /** As the scanner sees it. */
  readonly name: WrittenFolder;
  /** Absolute. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

export interface WatchRequest {
  readonly clock: Clock;
  readonly pollMs: number;
  /** Absent: somebody else holds that limit. */
  readonly memoryBytes?: number;
  /** Processes and threads at the same time. */
  readonly processes: number;
  /** Whether the kernel, which counts them too, refused one. */
  readonly outOfProcesses?: () => boolean;
  readonly folders: readonly WatchedFolder[];
}

export interface StageWatch {
  /** To be called when nothing runs any more: looks at the folders for the last time. */
  end(): Promise<Failure | undefined>;
  /** The most memory that was seen; `null` where it was never looked at. */
  maxRssBytes(): number | null;
}

/** In a sandbox, where a scanner may keep what is in no process's memory. */
const IN_MEMORY = ['/tmp', '/dev/shm'];
/** The next look is at least so many times later than the last one took. */
const REST = 20;

/** Looks at a process tree and at what it writes again and again; calls `onOver` when it is over a limit. */
export function watchStage(
  pid: number | undefined,
  { clock, pollMs, memoryBytes, processes, outOfProcesses, folders }: WatchRequest,
  onOver: (failure: Failure) => void,
): StageWatch {
  let most: number | null = null;
  const looks =
    pid === undefined ? [] : [async () => lookAtTree(pid), () => overIn(folders, processTree(pid))];
  const watches = looks.map((look) => lookAgain(look, { clock, pollMs }, onOver));

  function lookAtTree(root: number): Failure | undefined {
    const tree = processTree(root);
    if (outOfProcesses?.() === true || threadCount(tree) > processes)
      return { reason: 'process-limit', limit: processes };
    if (memoryBytes === undefined) return undefined;
    const used = memoryOf(tree, memoryBytes);
    most = Math.max(most ?? 0, used);
    return used > memoryBytes ? { reason: 'memory', limitBytes: memoryBytes } : undefined;
  }

  return {
    async end() {
      for (const watch of watches) await watch.stop();
      // Also one that ended well: what it could not start may have been what was to find something.
      if (outOfProcesses?.() === true) return { reason: 'process-limit', limit: processes };

      return overIn(folders, []);
    },
    maxRssBytes: () => most,
  };
}

/** Until `stop`, or until there is a failure. One that takes long is done less often. */
function lookAgain(
  look: () => Promise<Failure | undefined>,
  { clock, pollMs }: Pick<WatchRequest, 'clock' | 'pollMs'>,
  onOver: (failure: Failure) => void,
): { stop(): Promise<void> } {
  let isStopped = false;
  let looking = Promise.resolve();
  let cancel = plan(pollMs);

  function plan(afterMs: number): () => void {
    return clock.after(afterMs, () => {
      looking = lookOnce();
    });
  }

  async function lookOnce(): Promise<void> {
    const startedAt = clock.now();
    const failure = await look();
    if (isStopped) return;
    if (failure !== undefined) onOver(failure);
    else cancel = plan(Math.max(pollMs, REST * (clock.now() - startedAt)));
  }

  return {
    async stop() {
      isStopped = true;
      cancel();
      await looking;
    },
  };
}

function memoryOf(tree: readonly number[], limitBytes: number): number {
  // The youngest is inside, where there is a sandbox.
  const kept = memoryFolderBytes(tree.at(-1) ?? 0, IN_MEMORY);
  const resident = residentBytes(tree) + kept;
  if (resident <= limitBytes) return resident;
  // Its sum counts shared pages once for each process, and what is mapped of a folder twice; only the costly look can convict.
  const { own, shared } = proportionalBytes(tree);
  return own + Math.max(shared, kept);
}

async function overIn(
  folders: readonly WatchedFolder[],
  tree: readonly number[],
): Promise<Failure | undefined> {
  for (const { name, path, ...most } of folders) {
    const { files, bytes } = await folderUsage(path, most);
    if (files > most.files) return { reason: 'file-limit', folder: name, limit: most.files };
    const device = statSync(path, { throwIfNoEntry: false })?.dev ?? -1;
    if (bytes + namelessFileBytes(tree, device) > most.bytes)
      return { reason: 'disk-limit', folder: name, limitBytes: most.bytes };
  }
  return undefined;
}
