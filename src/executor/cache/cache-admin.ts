import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { byCodeUnit } from '../../core/canonical.ts';
import type { CacheSeal } from './cache-seal.ts';
import { sealedBody } from './sealed-json.ts';

/** The folders of the cache that hold entries, and how an entry of each is checked. */
const SECTIONS = { blobs: 'named by digest', actions: 'sealed', parsed: 'sealed', latest: 'sealed' } as const;
type Section = keyof typeof SECTIONS;
/** A temporary file older than this belongs to a process that is gone. */
const ABANDONED_MS = 60 * 60_000;

export interface CacheStats {
  readonly bytes: number;
  readonly entries: number;
  readonly sections: Readonly<Record<Section, { readonly bytes: number; readonly entries: number }>>;
}

interface Entry {
  readonly section: Section;
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
  readonly temporary: boolean;
}

/** How much the cache holds, in bytes and entries. */
export async function cacheStats(dir: string): Promise<CacheStats> {
  const sections = { blobs: none(), actions: none(), parsed: none(), latest: none() };
  for (const entry of await entriesOf(dir)) {
    sections[entry.section].bytes += entry.bytes;
    sections[entry.section].entries++;
  }
  const all = Object.values(sections);
  return {
    bytes: all.reduce((sum, section) => sum + section.bytes, 0),
    entries: all.reduce((sum, section) => sum + section.entries, 0),
    sections,
  };
}

/**
 * Drops what was used least recently until the cache is no larger than `maxBytes`, and what dead processes left.
 * A record may outlive its blobs: it then reads as a miss.
 */
export async function pruneCache(
  dir: string,
  maxBytes: number,
): Promise<{ readonly removed: number; readonly freedBytes: number; readonly bytes: number }> {
  const entries = await entriesOf(dir);
  const abandoned = entries.filter((e) => e.temporary && Date.now() - e.usedMs > ABANDONED_MS);
  const kept = entries
    .filter((e) => !e.temporary)
    .sort((a, b) => a.usedMs - b.usedMs || byCodeUnit(a.path, b.path));
  let bytes = kept.reduce((sum, entry) => sum + entry.bytes, 0);
  const drop = [...abandoned];
  for (const entry of kept) {
    if (bytes <= maxBytes) break;
    bytes -= entry.bytes;
    drop.push(entry);
  }
  for (const entry of drop) await rm(entry.path, { force: true });
  return { removed: drop.length, freedBytes: drop.reduce((sum, e) => sum + e.bytes, 0), bytes };
}

/** Reads everything again and drops what does not match its digest. Paths are relative to the cache. */
export async function verifyCache(
  dir: string,
  seal: CacheSeal,
): Promise<{ readonly checked: number; readonly damaged: readonly string[] }> {
  const damaged: string[] = [];
  let checked = 0;
  for (const entry of await entriesOf(dir)) {
    if (entry.temporary) continue;
    checked++;
    if (await isWhole(dir, entry, seal)) continue;
    damaged.push(entry.path.slice(dir.length + 1));
    await rm(entry.path, { force: true });
  }
  return { checked, damaged: damaged.sort(byCodeUnit) };
}

async function isWhole(dir: string, entry: Entry, seal: CacheSeal): Promise<boolean> {
  try {
    if (SECTIONS[entry.section] === 'sealed')
      return sealedBody(await readFile(entry.path, 'utf8'), seal) !== undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(entry.path), hash);
    return entry.path.slice(join(dir, entry.section).length).replaceAll(/[/\\]/g, '') === hash.digest('hex');
  } catch {
    return false;
  }
}

async function entriesOf(dir: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const section of Object.keys(SECTIONS) as Section[]) {
    for (const path of await filesBelow(join(dir, section))) {
      try {
        const { size, atimeMs, mtimeMs } = await stat(path);
        entries.push({
          section,
          path,
          bytes: size,
          usedMs: Math.max(atimeMs, mtimeMs),
          temporary: path.endsWith('.tmp'),
        });
      } catch {
        // Pruned by another process meanwhile.
      }
    }
  }
  return entries;
}

async function filesBelow(dir: string): Promise<string[]> {
  try {
    const found = await readdir(dir, { withFileTypes: true, recursive: true });
    return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

function none(): { bytes: number; entries: number } {
  return { bytes: 0, entries: 0 };
}
