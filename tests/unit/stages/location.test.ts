import { describe, expect, it } from 'vitest';
import { locationOf, type Region } from '../../../src/stages/formats/location.ts';

const path = 'src/a.py';

describe('the location of a finding', () => {
  it('is nothing without a path', () => {
    expect(locationOf(undefined, { startLine: 3 })).toEqual({});
  });

  it.each<[string, Region | undefined, object]>([
    ['no region', undefined, {}],
    ['a line that is 0, as tools write it', { startLine: 0, startColumn: 4, endLine: 2 }, {}],
    ['a line that is null', { startLine: null }, {}],
    ['a line that is no number', { startLine: Number('x') }, {}],
    ['a line', { startLine: 3 }, { startLine: 3 }],
    ['several lines', { startLine: 3, endLine: 5 }, { startLine: 3, endLine: 5 }],
    ['an end that repeats the start', { startLine: 3, endLine: 3 }, { startLine: 3 }],
    ['an end before the start', { startLine: 3, endLine: 2, endColumn: 9 }, { startLine: 3 }],
    [
      'an end column before the start column',
      { startLine: 3, startColumn: 9, endLine: 3, endColumn: 2 },
      { startLine: 3, startColumn: 9 },
    ],
    [
      'columns of one line',
      { startLine: 3, startColumn: 2, endLine: 3, endColumn: 9 },
      { startLine: 3, startColumn: 2, endLine: 3, endColumn: 9 },
    ],
    [
      'an end column without its line, which in SARIF is the start line',
      { startLine: 3, startColumn: 2, endColumn: 9 },
      { startLine: 3, startColumn: 2, endColumn: 9 },
    ],
  ])('of %s', (_, region, expected) => {
    expect(locationOf(path, region)).toEqual({ span: { path, ...expected } });
  });
});
