import { describe, expect, it } from 'vitest';
import { matchRange } from '../../../src/policy/vers-range.ts';

describe('matchRange', () => {
  it.each([
    ['vers:npm/*', '1', 'yes'],
    ['vers:npm/1.2.3', '1.2.3', 'yes'],
    ['vers:npm/=1.2.3|2.0.0', '2.0.0', 'yes'],
    ['vers:npm/1.2.3', '1.2.4', 'no'],
    ['vers:npm/<2.0.0', '1.10.0', 'yes'],
    ['vers:npm/<2.0.0', '2.0.0', 'no'],
    ['vers:npm/<=2.0.0', '2.0.0', 'yes'],
    ['vers:npm/>2.0.0', '2.0.0', 'no'],
    ['vers:npm/>=1.0.0|<2.0.0', '1.9.9', 'yes'],
    ['vers:npm/>=1.0.0|<2.0.0', '0.9.0', 'no'],
    ['vers:npm/>=1.0.0|<2.0.0|>=3.0.0|<4.0.0', '2.5.0', 'no'],
    ['vers:npm/>=1.0.0|<2.0.0|>=3.0.0|<4.0.0', '3.0.0', 'yes'],
    ['vers:npm/>=1.0.0|<2.0.0|>=3.0.0', '9.0.0', 'yes'],
    ['vers:npm/<1.0.0|>=3.0.0|<4.0.0', '0.1.0', 'yes'],
    ['vers:npm/>=1.0.0|!=1.5.0|<2.0.0', '1.5.0', 'no'],
    ['vers:npm/!=1.5.0', '1.6.0', 'yes'],
    ['vers:golang/<v1.10', 'v1.9', 'yes'],
    ['vers:pypi/<1!0.5', '1.0', 'maybe'],
    ['vers:deb/1.0-1%2Bdeb12', '1.0-1+deb12', 'yes'],
  ])('%s and %s: %s', (range, version, match) => {
    expect(matchRange(range, version)).toBe(match);
  });

  it.each([
    ['a version with letters', 'vers:npm/<2.0.0', '1.0.0-rc.1'],
    ['a bound with letters', 'vers:npm/<2.0.0-rc.1', '1.0.0'],
    ['only zeros at the end that differ', 'vers:deb/<1.0', '1.0.0'],
    ['bounds that do not ascend', 'vers:npm/>=2.0.0|<1.0.0', '1.5.0'],
    ['two bounds of one direction', 'vers:npm/<1.0.0|<2.0.0', '1.5.0'],
    ['another notation', '>=1.0 <2.0', '1.5.0'],
    ['nothing', 'vers:npm/', '1.5.0'],
    ['a bound without a version', 'vers:npm/<', '1.5.0'],
  ])('does not decide on %s', (_, range, version) => {
    expect(matchRange(range, version)).toBe('maybe');
  });
});
