import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, inOrder } from '../../../src/core/canonical.ts';

/** RFC 8785 by the book: keys sorted at every level, then ECMAScript's own text. */
function byTheBook(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(byTheBook).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${byTheBook(member)}`).join(',')}}`;
}

const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 });

describe('canonical JSON', () => {
  it('is the same whether or not the keys of the value are in order', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(byTheBook(value));
        expect(canonicalJson(inOrder(value))).toBe(byTheBook(value));
        expect(inOrder(value)).toEqual(value);
      }),
    );
  });

  it('has keys in order of code units, numbers among them, and leaves undefined members out', () => {
    expect(canonicalJson({ b: 1, 10: 2, 9: 3, a: { d: undefined, c: -0 } })).toBe(
      '{"10":2,"9":3,"a":{"c":0},"b":1}',
    );
    expect(JSON.stringify(inOrder({ b: 1, a: [{ d: 1, c: 2 }] }))).toBe('{"a":[{"c":2,"d":1}],"b":1}');
    expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
  });

  it('refuses what is no JSON, in order or not', () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, '\ud800', () => 0, Symbol('s')];
    for (const value of bad) {
      for (const whole of [value, [value], { a: [value] }, { b: 1, a: [value] }])
        expect(() => canonicalJson(whole), String(value)).toThrow(TypeError);
    }
    expect(() => canonicalJson({ '\udfff': 1 })).toThrow(TypeError);
    expect(() => canonicalJson(new Array(2))).toThrow(TypeError);
    expect(() => canonicalJson({ a: 1, toJSON: () => 'other' })).toThrow(TypeError);
    // A date has no members; it must not be written as its text for being in order.
    expect(canonicalJson({ at: new Date(0) })).toBe('{"at":{}}');
  });
});
