const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** A week: whoever writes more has mistaken the unit. */
const LONGEST_MS = 7 * 86_400_000;

/** Milliseconds of a duration such as `1h30m`, at least 1 and at most a week; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:[0-9]{1,12}(?:\.[0-9]{1,6})?(?:ms|s|m|h|d)){1,5}$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h|d)/g))
    total += Number(count) * (MS[unit ?? ''] ?? 0);
  const rounded = Math.round(total);
  return rounded >= 1 && rounded <= LONGEST_MS ? rounded : undefined;
}

/** Bytes of a size such as `512MiB`, at least 1; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const found = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)(B|[KMGT]i?B)$/.exec(text);
  if (!found) return undefined;
  const bytes = Math.round(Number(found[1]) * (BYTES[found[2] ?? ''] ?? 0));
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Whether a text is a day of the Gregorian calendar as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (!found) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
