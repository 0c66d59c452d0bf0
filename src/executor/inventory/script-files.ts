import { setImmediate as nextTurn } from 'node:timers/promises';
import { readStart } from '../../io/read-inside.ts';
import type { Inventory } from './types.ts';

/** More than any first line that names an interpreter; Linux reads 256. */
const LINE_BYTES = 256;
/** Shorter than the shortest, `#!/x`. */
const LEAST_BYTES = 4;
/** Reading goes on this long before other work gets a turn, in milliseconds. */
const TURN_MS = 10;

const memo = new WeakMap<Inventory, Promise<ReadonlyMap<string, string>>>();

/**
 * Files without an ending whose first line names an interpreter, by path, with the interpreter's plain name: `python` for
 * `#!/usr/bin/env python3.12`. Such files are opened once a run.
 */
export function scriptFiles(inventory: Inventory): Promise<ReadonlyMap<string, string>> {
  const known = memo.get(inventory) ?? readScripts(inventory);
  memo.set(inventory, known);
  return known;
}

async function readScripts({ root, files }: Inventory): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let turnEnds = performance.now() + TURN_MS;
  for (const { path, size } of files) {
    // A dot at the beginning is part of the name.
    if (size < LEAST_BYTES || path.lastIndexOf('.') > path.lastIndexOf('/') + 1) continue;
    const interpreter = interpreterOf(readStart(root, path, LINE_BYTES)?.toString('latin1') ?? '');
    if (interpreter !== undefined) found.set(path, interpreter);
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  return found;
}

/** What a first line starts, without its folder and its version; behind `env`, what that starts. */
export function interpreterOf(text: string): string | undefined {
  const words = /^#![ \t]*([^\r\n]+)/.exec(text)?.[1]?.split(/[ \t]+/) ?? [];
  const names = words.map((word) => word.slice(word.lastIndexOf('/') + 1));
  const [first, ...rest] = names;
  const started = first === 'env' ? rest.find((word) => !word.startsWith('-') && !word.includes('=')) : first;
  const plain = started?.replace(/[0-9.]+$/, '');
  return plain === '' ? undefined : plain;
}
