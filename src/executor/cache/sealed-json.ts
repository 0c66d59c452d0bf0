import { rm } from 'node:fs/promises';
import { canonicalJson } from '../../core/canonical.ts';
import { atomicWrite } from '../../io/atomic-write.ts';
import type { CacheSeal } from './cache-seal.ts';
import { readCacheFile } from './read-cache-file.ts';

/** Writes a value below its seal. @throws the file system's error */
export async function writeSealedJson(path: string, value: unknown, seal: CacheSeal): Promise<void> {
  const body = canonicalJson(value);
  await atomicWrite(path, `${seal.of(body)}\n${body}\n`);
}

/** The value as it was written; undefined when absent. One that is damaged, or that somebody else sealed, is dropped and reads as absent. */
export async function readSealedJson(path: string, seal: CacheSeal): Promise<unknown> {
  const bytes = await readCacheFile(path);
  if (bytes === undefined) return undefined;
  const body = sealedBody(bytes.toString('utf8'), seal);
  if (body === undefined) {
    await rm(path, { force: true });
    return undefined;
  }
  return JSON.parse(body);
}

/** The text below the seal if it is whole. */
export function sealedBody(text: string, seal: CacheSeal): string | undefined {
  const line = text.indexOf('\n');
  const body = text.slice(line + 1, -1);
  return line === 64 && text.endsWith('\n') && seal.of(body) === text.slice(0, line) ? body : undefined;
}
