import { rm } from 'node:fs/promises';
import { canonicalJson, sha256Hex } from '../../core/canonical.ts';
import { atomicWrite } from '../../io/atomic-write.ts';
import { readCacheFile } from './read-cache-file.ts';

/** Writes a value with its own sha256 in the first line. @throws the file system's error */
export async function writeSealedJson(path: string, value: unknown): Promise<void> {
  const body = canonicalJson(value);
  await atomicWrite(path, `${sha256Hex(body)}\n${body}\n`);
}

/** The value as it was written; undefined when absent. A damaged file is dropped and reads as absent. */
export async function readSealedJson(path: string): Promise<unknown> {
  const bytes = await readCacheFile(path);
  if (bytes === undefined) return undefined;
  const body = sealedBody(bytes.toString('utf8'));
  if (body === undefined) {
    await rm(path, { force: true });
    return undefined;
  }
  return JSON.parse(body);
}

/** The text below the seal if it is whole. */
export function sealedBody(text: string): string | undefined {
  const line = text.indexOf('\n');
  const body = text.slice(line + 1, -1);
  return line === 64 && text.endsWith('\n') && sha256Hex(body) === text.slice(0, line) ? body : undefined;
}
