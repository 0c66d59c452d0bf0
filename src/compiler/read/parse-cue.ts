import { type Diagnostic, diagnostic, type Place } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { LIMITS } from '../source/limits.ts';
import { parentPointer, pointerKeys } from '../source/pointer.ts';
import { isSensitive } from '../source/short-value.ts';
import type { SourceTree } from '../source/source-tree.ts';

/**
 * Evaluates the files of a CUE manifest, itself the first, to concrete data. The evaluator is loaded only here: it is the slowest of the three
 * languages to start. A `cue` program on PATH is not used: it tells no places of exported values.
 */
export async function parseCue(
  file: string,
  files: Readonly<Record<string, string>>,
): Promise<Outcome<SourceTree>> {
  const { exportCue } = await import('@secplan/cue');
  const result = await exportCue(files, {
    timeoutMs: LIMITS.cueMs,
    maxMemoryBytes: LIMITS.cueBytes,
    maxOutputBytes: LIMITS.bytes,
  });
  if (result.ok) {
    const { positions, keys } = result;
    return success({
      value: JSON.parse(result.json) as unknown,
      place: (pointer) => nearest(pointer, positions),
      keyPlace: (pointer) => own(keys, pointer) ?? nearest(pointer, positions),
    });
  }
  switch (result.reason) {
    case 'timeout':
      return failed([stopped(file, `evaluation took longer than ${LIMITS.cueMs / 1000} s`)]);
    case 'memory':
      return failed([
        stopped(file, `evaluation needed more than ${LIMITS.cueBytes / 2 ** 20} MiB of memory`),
      ]);
    case 'crash':
      return failed([stopped(file, `the evaluator stopped: ${result.detail}`)]);
    case 'invalid':
      return failed(result.errors.map((error) => cueDiagnostic(file, error)));
  }
}

interface CueFault {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly positions: readonly Place[];
}

function cueDiagnostic(file: string, error: CueFault): Diagnostic {
  const [place = { file, line: 1, column: 1 }, ...others] = error.positions;
  return diagnostic(error.code === 'syntax' ? 'SP1006' : 'SP1008', shorten(withoutSecrets(error)), {
    place,
    ...(error.path === '' ? {} : { pointer: error.path }),
    related: others.slice(0, 8).map((other) => ({ message: 'see also', place: other })),
  });
}

/** CUE quotes the values that conflict: where one could be a secret, the message is not repeated. */
function withoutSecrets(error: CueFault): string {
  const name = pointerKeys(error.path).join('.');
  if (isSensitive(error.path)) return `${name}: this value does not evaluate`;
  return name === '' ? error.message : `${name}: ${error.message}`;
}

function shorten(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function stopped(file: string, summary: string): Diagnostic {
  return diagnostic('SP1009', summary, { place: { file, line: 1, column: 1 } });
}

/** A value that CUE computed may have no place: then that of its parent applies. */
function nearest(pointer: string, positions: Readonly<Record<string, Place>>): Place | undefined {
  for (let at = pointer; at !== ''; at = parentPointer(at)) {
    const place = own(positions, at);
    if (place) return place;
  }
  return own(positions, '');
}

function own(table: Readonly<Record<string, Place>>, key: string): Place | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
