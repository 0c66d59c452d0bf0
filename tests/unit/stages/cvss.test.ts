import { describe, expect, test } from 'vitest';
import { severityOfScore, severityOfVector } from '../../../src/stages/formats/cvss.ts';

describe('CVSS', () => {
  // Vectors and scores of FIRST's and NVD's own examples.
  test.each([
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'critical'],
    ['CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N', 'info'],
    ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:L/A:N', 'low'],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 'critical'],
    ['AV:N/AC:L/Au:N/C:P/I:P/A:P', 'high'],
    ['(AV:N/AC:L/Au:N/C:C/I:C/A:C)', 'high'],
    ['AV:L/AC:H/Au:N/C:N/I:P/A:N', 'low'],
  ])('%s is %s', (vector, severity) => {
    expect(severityOfVector(vector)).toBe(severity);
  });

  test('of which nothing is known is no severity, never a low one', () => {
    for (const vector of ['', 'x', 'CVSS:3.1/AV:N', 'CVSS:3.1/', 'CVSS:9.9/AV:N', 'A'.repeat(1_000_000)])
      expect(severityOfVector(vector)).toBeUndefined();
    for (const score of [Number.NaN, -1, 11]) expect(severityOfScore(score)).toBeUndefined();
  });

  test('of version 2 is never critical', () => {
    expect([severityOfScore(10, 2), severityOfScore(10, 3), severityOfScore(10, 4)]).toEqual([
      'high',
      'critical',
      'critical',
    ]);
    expect(severityOfScore(0, 3)).toBe('info');
  });
});
