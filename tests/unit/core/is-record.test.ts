import { expect, test } from 'vitest';
import { isRecord } from '../../../src/core/is-record.ts';

test('an object with members is a record', () => {
  expect([{}, { a: 1 }, JSON.parse('{"__proto__": 1}'), Object.create(null)].map(isRecord)).toEqual(
    Array(4).fill(true),
  );
});

test('lists, null and plain values are none', () => {
  expect([[], [{}], null, undefined, 'text', 3, true].map(isRecord)).toEqual(Array(7).fill(false));
});
