/** Time as the executor sees it; tests hand in one that they move by hand. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Runs once after so many milliseconds, unless cancelled by calling what is returned. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    // Longer delays than setTimeout knows would fire at once.
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
