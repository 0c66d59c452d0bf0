import { diagnostic } from '../../core/diagnostic.ts';
import { cacheStats, pruneCache, verifyCache } from '../../executor/cache/cache-admin.ts';
import { openCacheSeal } from '../../executor/cache/cache-seal.ts';
import { cacheDir } from '../../executor/cache/open-caches.ts';
import type { Flags } from '../shared/command-spec.ts';
import type { Console } from '../shared/console.ts';
import { EXIT } from '../shared/exit-code.ts';
import { printable } from '../shared/paint.ts';
import { bytesText, table } from '../views/table.ts';

const DEFAULT_MAX_BYTES = 5e9;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `secplan cache stats` */
export async function stats(console: Console): Promise<number> {
  const dir = cacheDir(console.env);
  const found = await cacheStats(dir);
  if (console.json) {
    console.document('cache-stats', { dir, ...found });
    return EXIT.pass;
  }
  const rows = Object.entries(found.sections).map(([name, { bytes, entries }]) => [
    name,
    String(entries).padStart(9),
    bytesText(bytes).padStart(9),
  ]);
  const total = ['in all', String(found.entries).padStart(9), bytesText(found.bytes).padStart(9)];
  console.print(`${console.paint('bold', 'Cache')} ${printable(dir)}`);
  console.print(table([['', '  entries', '     size'], ...rows, total], '  '));
  return EXIT.pass;
}

/** `secplan cache prune [--max-size SIZE]` */
export async function prune(console: Console, flags: Flags): Promise<number> {
  const given = flags.maxSize;
  const maxBytes = given === undefined ? DEFAULT_MAX_BYTES : sizeOf(String(given));
  if (maxBytes === undefined) {
    return console.refuse([
      diagnostic('SP9001', `not a size: ${printable(String(given))}`, { allowed: ['0', '500MB', '2GiB'] }),
    ]);
  }
  const done = await pruneCache(cacheDir(console.env), maxBytes);
  if (console.json) console.document('cache-prune', done);
  else {
    console.print(
      `${done.removed} entries dropped, ${bytesText(done.freedBytes)} freed, ${bytesText(done.bytes)} left`,
    );
  }
  return EXIT.pass;
}

/** `secplan cache verify`: exit code 3 if an entry was damaged; it is dropped, so the next run makes it anew. */
export async function verify(console: Console): Promise<number> {
  const seal = openCacheSeal(console.env, console.cwd);
  // Without the key nothing can be told apart from what somebody planted.
  if (!seal.ok || seal.diagnostics.length > 0) return console.refuse(seal.diagnostics, EXIT.infrastructure);
  const { checked, damaged } = await verifyCache(cacheDir(console.env), seal.value);
  const exitCode = damaged.length > 0 ? EXIT.infrastructure : EXIT.pass;
  if (console.json) {
    console.document('cache-verify', { exitCode, checked, damaged });
    return exitCode;
  }
  console.print(
    `${checked} entries read, ${damaged.length} damaged${damaged.length > 0 ? ' and dropped:' : ''}`,
  );
  for (const path of damaged) console.print(`  ${printable(path)}`);
  return exitCode;
}

function sizeOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  return number === undefined || factor === undefined ? undefined : Math.floor(Number(number) * factor);
}
