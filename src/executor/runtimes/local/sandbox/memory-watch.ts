import type { Clock } from '../../../../io/clock.ts';
import { processTree, proportionalBytes, residentBytes } from '../../../../io/process-tree.ts';

export interface MemoryWatch {
  stop(): void;
  /** The most that was seen; `null` when the process ended before it was looked at. */
  maxRssBytes(): number | null;
}

/** Looks at a process tree's memory again and again; calls `onOver` once when it is over the limit. */
export function watchMemory(
  pid: number | undefined,
  options: { readonly clock: Clock; readonly pollMs: number; readonly memoryBytes: number },
  onOver: () => void,
): MemoryWatch {
  let most: number | null = null;
  let cancel = () => {};
  if (pid !== undefined) cancel = options.clock.after(options.pollMs, () => poll(pid));

  function poll(root: number): void {
    const tree = processTree(root);
    const resident = residentBytes(tree);
    // A sum of RSS counts forked workers' shared pages again and again; only the costly look can convict.
    const used = resident > options.memoryBytes ? proportionalBytes(tree) : resident;
    most = Math.max(most ?? 0, used);
    if (used > options.memoryBytes) onOver();
    else cancel = options.clock.after(options.pollMs, () => poll(root));
  }

  return { stop: () => cancel(), maxRssBytes: () => most };
}
