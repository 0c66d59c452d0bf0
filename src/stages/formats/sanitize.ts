import { byCodeUnit } from '../../core/canonical.ts';
import { isRecord } from '../../core/is-record.ts';

/**
 * Rewrites a JSON report before anything of it is stored. What is no JSON (cut off, or a tool's own error) keeps its
 * shape and loses every string, so that it still reads as broken but no secret or source code is left in it.
 */
export function rewriteJson(text: string, rewrite: (report: unknown) => unknown): string {
  try {
    return `${JSON.stringify(rewrite(JSON.parse(text)))}\n`;
  } catch {
    return masked(text);
  }
}

/** The same for one JSON value a line, each line by itself. */
export function rewriteLines(text: string, rewrite: (item: unknown) => unknown): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => rewriteJson(line, rewrite))
    .map((line) => (line.endsWith('\n') ? line : `${line}\n`))
    .join('');
}

const QUOTING: ReadonlySet<string> = new Set([
  'snippet',
  'contextRegion',
  // Unsalted hashes of the line or of the secret in it.
  'fingerprints',
  'partialFingerprints',
]);

/**
 * A SARIF log without the source code that it quotes, its results and rules in a fixed order: tools report in the order
 * of the file system or of their threads, but equal trees shall give equal reports.
 */
export function stableSarif(text: string): string {
  return rewriteJson(text, (report) => {
    // The keys are the standard's, never the scanned tree's: they can be dropped at any depth.
    const bare: unknown = JSON.parse(JSON.stringify(report), (key, value: unknown) =>
      QUOTING.has(key) ? undefined : value,
    );
    return mapList(bare, 'runs', sortedRun);
  });
}

function sortedRun(run: unknown): unknown {
  if (!isRecord(run) || !Array.isArray(run.results)) return run;
  const results = sortedBy(run.results, (item) =>
    JSON.stringify([item.locations, item.ruleId, item.message]),
  );
  // Where results refer to rules by number, these have to stay where they are.
  if (results.some((item) => isRecord(item) && (item.ruleIndex !== undefined || item.rule !== undefined)))
    return { ...run, results };
  const driver = isRecord(run.tool) && isRecord(run.tool.driver) ? run.tool.driver : undefined;
  if (driver === undefined || !Array.isArray(driver.rules)) return { ...run, results };
  const rules = sortedBy(driver.rules, (item) => JSON.stringify(item.id));
  return { ...run, tool: { ...(run.tool as object), driver: { ...driver, rules } }, results };
}

function sortedBy(
  list: readonly unknown[],
  key: (item: Readonly<Record<string, unknown>>) => string,
): unknown[] {
  return list
    .map((item) => ({ item, key: isRecord(item) ? (key(item) ?? '') : '' }))
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map(({ item }) => item);
}

/** A copy of an object without these keys; anything else is given back as it is. */
export function omit(value: unknown, keys: readonly string[]): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** A copy of an object in which each element of the list under `key` is mapped; anything else as it is. */
export function mapList(value: unknown, key: string, map: (item: unknown) => unknown): unknown {
  if (!isRecord(value)) return value;
  const list = value[key];
  return Array.isArray(list) ? { ...value, [key]: list.map(map) } : value;
}

function masked(text: string): string {
  if (text.trim() === '') return text;
  if (!/^\s*[{[]/.test(text)) return `not JSON, ${text.length} characters withheld\n`;
  return text.replace(/"(?:[^"\\]|\\[\s\S])*("?)/g, '"…$1');
}

/** Items sorted by their text, for what a tool writes in the order in which its workers end. */
export function inOneOrder(items: readonly unknown[]): unknown[] {
  return sortedBy(items, JSON.stringify);
}
