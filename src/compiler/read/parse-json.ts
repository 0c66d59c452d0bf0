import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { escapeKey } from '../source/pointer.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { textPlaces } from '../source/text-places.ts';
import { type JsonVisitor, scanJson } from './scan-json.ts';

/**
 * Parses strict JSON. Values come from the engine's own parser; offsets are found by a second scan, and only when the
 * first place is asked for.
 */
export function parseJson(file: string, text: string): Outcome<SourceTree> {
  const at = textPlaces(file, text);
  const faults = scanJson(text);
  if (faults.length > 0) {
    return failed(
      faults.map((fault): Diagnostic => diagnostic(fault.code, fault.message, { place: at(fault.offset) })),
    );
  }
  let offsets: Map<string, readonly [key: number, value: number]> | undefined;
  const find = (pointer: string) => {
    offsets ??= jsonOffsets(text);
    return offsets.get(pointer);
  };
  return success({
    value: JSON.parse(text) as unknown,
    place: (pointer) => mapped(find(pointer)?.[1], at),
    keyPlace: (pointer) => mapped(find(pointer)?.[0], at),
  });
}

function jsonOffsets(text: string): Map<string, readonly [number, number]> {
  const offsets = new Map<string, readonly [number, number]>();
  const path: string[] = [];
  const visitor: JsonVisitor = {
    enter(key, keyOffset, valueOffset) {
      const holder = path.at(-1);
      const pointer = holder === undefined ? '' : `${holder}/${escapeKey(String(key))}`;
      path.push(pointer);
      offsets.set(pointer, [keyOffset, valueOffset]);
    },
    leave() {
      path.pop();
    },
  };
  scanJson(text, visitor);
  return offsets;
}

function mapped<T>(offset: number | undefined, at: (offset: number) => T): T | undefined {
  return offset === undefined ? undefined : at(offset);
}
