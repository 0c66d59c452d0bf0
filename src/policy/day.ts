const DAY_MS = 86_400_000;

/** The first moment after a day as YYYY-MM-DD, in UTC, milliseconds since the epoch; `-Infinity` for what is no day. */
export function endOfDay(day: string): number {
  const end = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  return Number.isFinite(end) ? end : Number.NEGATIVE_INFINITY;
}

/** From this many days before its end something counts as expiring soon. */
export const WARNED_DAYS = 30;

/** Whether a day that is not over ends within the days of warning. */
export function endsSoon(day: string, at: number): boolean {
  const end = endOfDay(day);
  return at < end && end - at <= WARNED_DAYS * DAY_MS;
}

/** The day of a moment (milliseconds since the epoch) as YYYY-MM-DD, in UTC. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
