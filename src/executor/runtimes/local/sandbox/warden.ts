import { spawn } from 'node:child_process';

/** Ends what a killed secplan leaves. */
export interface Warden {
  /** The run is over, and nothing of it is left. */
  dismiss(): void;
}

/**
 * Reads the mark, then waits for a word or for the end of the pipe, which comes with the end of its owner, however the owner ends.
 * Without the word, all whose command line holds the mark are ended; for a second, as one may just be about to start.
 * The text is fixed, and the mark comes by the pipe: grep's own command line must not hold it.
 */
const SCRIPT = `read -r mark || exit 0
read -r word && exit 0
i=0
while [ "$i" -lt 20 ]; do
  for file in $(printf '%s\\n' "$mark" | grep -lsaF -f - /proc/[0-9]*/"$1"); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/*}" 2>/dev/null
  done
  i=$((i + 1))
  sleep 0.05
done`;

/**
 * Starts a watch over this process. A sandbox dies with its parent only once it has asked the kernel for that; one that is just
 * starting when secplan is killed would live on. `mark` stands in the command line (or the environment) of all that must not,
 * and nowhere else.
 */
export function startWarden(mark: string, where: 'cmdline' | 'environ' = 'cmdline'): Warden {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'secplan-warden', where], {
    env: { PATH: '/usr/bin:/bin' },
    // In its own session: a signal to secplan's process group does not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Neither keeps a process from ending that forgot it; nor is its own end anybody's failure.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  child.stdin.write(`${mark}\n`);
  return { dismiss: () => child.stdin.end('over\n') };
}
