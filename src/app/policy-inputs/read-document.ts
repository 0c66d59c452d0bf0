import { gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failureText } from '../../core/failure-text.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { readJsonReport } from '../../stages/formats/json-report.ts';

const MAX_BYTES = 64 * 2 ** 20;
const MAX_INFLATED_BYTES = 256 * 2 ** 20;
const MAX_DEPTH = 64;

/** One that cannot be used: SP4010, with where and why. */
export function unusable(path: string, why: string, help?: string): Diagnostic {
  return diagnostic('SP4010', `${path}: ${why}`, {
    place: { file: path, line: 1, column: 1 },
    ...(help === undefined ? {} : { help }),
  });
}

/** JSON of a policy's file, within the limits and of its shape; SP4010 otherwise. */
export function readDocument<T>(path: string, bytes: Uint8Array, shape: z.ZodType<T>): Outcome<T> {
  if (bytes.length > MAX_BYTES) return failed([unusable(path, `larger than ${MAX_BYTES / 2 ** 20} MiB`)]);
  const text = Buffer.from(bytes).toString('utf8');
  if (deeperThan(text, MAX_DEPTH)) return failed([unusable(path, `nested deeper than ${MAX_DEPTH} levels`)]);
  const reading = readJsonReport('document', text, shape);
  return reading.ok ? success(reading.value) : failed([unusable(path, failureText(reading.failure))]);
}

/** Text that may be gzipped, by its first two bytes. */
export function readInflated(path: string, bytes: Uint8Array): Outcome<string> {
  if (bytes.length > MAX_BYTES) return failed([unusable(path, `larger than ${MAX_BYTES / 2 ** 20} MiB`)]);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return success(Buffer.from(bytes).toString('utf8'));
  try {
    return success(gunzipSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8'));
  } catch (error) {
    return failed([unusable(path, `cannot be inflated: ${(error as Error).message}`)]);
  }
}

// Before it is parsed: the schema's own walk is recursive.
function deeperThan(text: string, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index);
    if (inText) {
      if (char === 0x5c) index++;
      else if (char === 0x22) inText = false;
    } else if (char === 0x22) inText = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > most) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}
