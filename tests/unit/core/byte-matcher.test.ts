import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteMatcher } from '../../../src/core/redaction/byte-matcher.ts';

// Two letters make overlaps, common beginnings and near misses of long patterns common.
const text = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b'), maxLength }).map((letters) => Buffer.from(letters));
const pattern = fc.oneof(text(3), text(9), text(16));

/** By the place behind it: the longest pattern that ends there, looked for at each place. */
function naive(patterns: readonly Buffer[], bytes: Buffer): Map<number, number> {
  const ends = new Map<number, number>();
  for (const each of patterns)
    for (let at = 0; each.length > 0 && at + each.length <= bytes.length; at += 1)
      if (bytes.subarray(at, at + each.length).equals(each))
        ends.set(at + each.length, Math.max(ends.get(at + each.length) ?? 0, each.length));
  return ends;
}

function inPieces(matcher: ByteMatcher, bytes: Buffer, cuts: readonly number[]): Map<number, number> {
  const ends = new Map<number, number>();
  let state = 0;
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
    const to = Math.max(from, Math.min(cut, bytes.length));
    const start = from;
    state = matcher.read(bytes.subarray(from, to), state, (end, length) => ends.set(start + end, length));
    from = to;
  }
  return ends;
}

function inOrder(ends: Map<number, number>): [number, number][] {
  return [...ends].sort(([a], [b]) => a - b);
}

describe('ByteMatcher', () => {
  it('finds what a look at every place finds, however the bytes are cut and whenever patterns come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(pattern, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        text(120),
        fc.array(fc.nat(120), { maxLength: 12 }),
        (batches, bytes, cuts) => {
          const matcher = new ByteMatcher();
          const all: Buffer[] = [];
          for (const batch of batches) {
            for (const each of batch) matcher.add(each);
            all.push(...batch);
            expect(inOrder(inPieces(matcher, bytes, cuts))).toEqual(inOrder(naive(all, bytes)));
            expect(matcher.isIn(bytes)).toBe(naive(all, bytes).size > 0);
          }
          const distinct = new Set(all.map((each) => each.toString()).filter((each) => each !== ''));
          expect(matcher.patterns).toBe(distinct.size);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('knows how many of the last bytes may yet become a match', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 6 }), text(60), (patterns, bytes) => {
        const matcher = new ByteMatcher();
        for (const each of patterns) matcher.add(each);
        const depth = matcher.depth(matcher.read(bytes, 0, () => {}));
        const may = Array.from({ length: bytes.length }, (_, from) => bytes.subarray(from)).filter((rest) =>
          patterns.some((each) => each.subarray(0, rest.length).equals(rest)),
        );
        expect(depth).toBe(Math.max(0, ...may.map((rest) => rest.length)));
      }),
      { numRuns: 500 },
    );
  });

  it('finds each of 20,000 patterns that begin alike, and nothing else', () => {
    const matcher = new ByteMatcher();
    const patterns = Array.from({ length: 20_000 }, (_, index) => `token-${index.toString(36)}!`);
    for (const each of patterns) matcher.add(Buffer.from(each));
    for (const each of patterns) expect(matcher.isIn(Buffer.from(`x ${each} y`))).toBe(true);
    expect(matcher.isIn(Buffer.from(patterns.join(' ').replaceAll('!', '?')))).toBe(false);
  });

  it('finds patterns of a million bytes without running out of stack', () => {
    const matcher = new ByteMatcher();
    const long = Buffer.alloc(1_000_000, 'a');
    matcher.add(Buffer.concat([long, Buffer.from('b')]));
    matcher.add(Buffer.concat([Buffer.from('c'), long, Buffer.from('d')]));
    const found: number[] = [];
    matcher.read(Buffer.concat([Buffer.from('c'), long, Buffer.from('b')]), 0, (end) => found.push(end));
    expect(found).toEqual([1_000_002]);
  });
});
