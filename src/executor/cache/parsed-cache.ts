import { join } from 'node:path';
import { digestOfJson } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';
import { blobPath } from './blob-store.ts';
import type { CacheSeal } from './cache-seal.ts';
import { readSealedJson, writeSealedJson } from './sealed-json.ts';

/** All that decides what parsing gives. */
export interface ParsedKey {
  /** Output and log names to the digest of their content. */
  readonly outputs: Readonly<Record<string, Digest>>;
  /** Exit codes by step, which the parser's verdict must match. */
  readonly exits: Readonly<Record<string, number>>;
  readonly definitionDigest: Digest;
  readonly options: Readonly<Record<string, unknown>>;
  readonly filesGiven: number;
  /** Where the tool saw the workspace; decides what paths become. */
  readonly sourceRoot: string;
}

/** What parsers made of raw outputs, so that a warm run parses nothing. Values are JSON. */
export interface ParsedCache {
  get(key: ParsedKey): Promise<unknown>;
  /** Rejects with the file system's error. */
  put(key: ParsedKey, value: unknown): Promise<void>;
}

/** Opens the cache below `<dir>/parsed`. Undefined stands for a miss; a damaged entry is dropped. */
export function openParsedCache(dir: string, seal: CacheSeal): ParsedCache {
  const place = (key: ParsedKey): string =>
    blobPath(join(dir, 'parsed'), digestOfJson({ schema: 'secplan parsed v2', ...key }));
  return {
    get: (key) => readSealedJson(place(key), seal),
    put: (key, value) => writeSealedJson(place(key), value, seal),
  };
}
