import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalize } from '../../../src/evidence/golden/normalize.ts';
import { structuralDiff } from '../../../src/evidence/golden/structural-diff.ts';
import { filesBelow } from '../workspace.ts';

/** What differs between two bundles after normalisation, one line a difference; empty when they are equal. */
export function compareBundles(one: string, other: string): string[] {
  const [a, b] = [kept(one), kept(other)];
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  return paths.flatMap((path) => {
    const [left, right] = [a.get(path), b.get(path)];
    if (left === undefined || right === undefined)
      return [`${path}: only in the ${left === undefined ? 'second' : 'first'}`];
    if (!('text' in left) || !('text' in right) || left.text === right.text) return [];
    if (left.kind !== 'json' || right.kind !== 'json') return [`${path}: other text`];
    return structuralDiff(left.value, right.value).map(
      ({ at, before, after }) => `${path}${at}: ${before} and ${after}`,
    );
  });
}

/** Everything but what the golden's normaliser leaves out. */
function kept(dir: string) {
  return new Map(
    filesBelow(dir).flatMap((path) => {
      const mediaType = /\.(json|sarif)$/.test(path) ? 'application/json' : 'text/plain';
      const normal = normalize(path, mediaType, readFileSync(join(dir, path), 'utf8'));
      return normal.kind === 'left-out' ? [] : [[path, normal] as const];
    }),
  );
}
